"""Every figure that is quoted anywhere comes out of here, as a ratio measured in one run."""
