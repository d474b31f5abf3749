"""The report room: what lessons found, as pages that open from the file system without a network."""
