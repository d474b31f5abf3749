"""The population compiler: one compiled program for widths, activations, loss and optimiser; a network in every lane."""
