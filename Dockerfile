FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /corslint
COPY . .
RUN cargo build --locked --profile dist

FROM scratch
COPY --from=build /corslint/target/dist/corslint /corslint
WORKDIR /work
ENTRYPOINT ["/corslint"]
