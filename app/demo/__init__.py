"""A made-up firm to try the service with. Nobody in it exists; its clients' external ids begin with `demo-`."""
