//! Generates the JavaScript around the WebAssembly module. As a crate, the generator has the version that the lock file
//! has for `wasm-bindgen`, and needs no installation.

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(module), Some(directory)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: corslint-web-bindgen MODULE DIRECTORY");
        std::process::exit(2);
    };
    let generated = wasm_bindgen_cli_support::Bindgen::new()
        .input_path(module)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(false).generate(directory));
    if let Err(error) = generated {
        eprintln!("{error:?}");
        std::process::exit(1);
    }
}
