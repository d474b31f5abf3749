"""The page where one bends space by hand: in a browser, in a file, in a notebook."""
