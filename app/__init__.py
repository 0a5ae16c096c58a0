"""The service around the domain: wiring, storage, HTTP and the command line."""
