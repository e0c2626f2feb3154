// Policies to start from.

import b2 from "../../examples/b2.json";
import gcs from "../../examples/gcs.json";
import mistakes from "../../examples/mistakes.json";
import r2 from "../../examples/r2.json";
import tutorial from "../../examples/tutorial.json";
import uploads from "../../examples/uploads.json";

const terraform = `resource "aws_s3_bucket_cors_configuration" "photos" {
  bucket = aws_s3_bucket.photos.id

  cors_rule {
    allowed_headers = ["*"]
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["http://\${var.host}", "https://app.acme.io/"]
  }
}
`;

const cloudformation = `Resources:
  Photos:
    Type: AWS::S3::Bucket
    Properties:
      CorsConfiguration:
        CorsRules:
          - AllowedOrigins:
              - "*"
            AllowedMethods: [GET, PUT, DELETE]
            AllowedHeaders: ["*"]
`;

export const examples = [
  ["S3: from a tutorial", tutorial],
  ["S3: a policy that the AWS CLI rejects", mistakes],
  ["S3: uploads from one site", uploads],
  ["Google Cloud Storage", gcs],
  ["Cloudflare R2", r2],
  ["Backblaze B2", b2],
  ["Terraform", terraform],
  ["CloudFormation", cloudformation],
];
