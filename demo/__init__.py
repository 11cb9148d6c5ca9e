"""The launcher that knows both sides: it starts the embedded services and runs the pipeline's own command line."""
