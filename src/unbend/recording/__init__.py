"""Recordings: everything that trains makes one, everything that looks looks at one."""

from unbend.recording.file import load
from unbend.recording.many import train_many
from unbend.recording.population import Population
from unbend.recording.recording import Recording, collapse
from unbend.recording.train import train

__all__ = ["Population", "Recording", "collapse", "load", "train", "train_many"]
