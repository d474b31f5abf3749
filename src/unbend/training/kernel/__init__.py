"""The population compiler: one program for widths, activations, loss and optimiser; a network in every lane."""
