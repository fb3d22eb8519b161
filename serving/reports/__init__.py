"""Reports as files: what a reader keeps, prints or sends on."""
