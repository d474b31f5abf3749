"""What a network does to space: bent grids, straight lines, boundaries pulled back to the input, honest views.

No pictures are drawn here. `unbend.geometry.warp` is the door; everything else works on networks and weights alone.
"""

from unbend.geometry.affinity import bent_share
from unbend.geometry.asking import boundary_places
from unbend.geometry.bend import warp, warp_film, warp_weights
from unbend.geometry.best_line import BestLine, best_line, best_line_accuracy
from unbend.geometry.folds import Fold, fold_lines
from unbend.geometry.input_plane import Box, InputPlane, input_plane
from unbend.geometry.lifted import Lifted, lifted
from unbend.geometry.margins import WidestMargin, widest_margin
from unbend.geometry.morph import Morph
from unbend.geometry.polygon import RegularPolygon, best_polygon, disc_error
from unbend.geometry.polylines import kink_places, polyline_floor
from unbend.geometry.projection import Projection
from unbend.geometry.regions import linear_regions, most_regions
from unbend.geometry.separability import Separation, linearly_separable
from unbend.geometry.space import Level, Space
from unbend.geometry.straight import StraightLine
from unbend.geometry.topology import Topology, homeomorphism
from unbend.geometry.unit_lines import UnitLines, bending_units, unit_lines

__all__ = [
    "BestLine",
    "Box",
    "Fold",
    "InputPlane",
    "Level",
    "Lifted",
    "Morph",
    "Projection",
    "RegularPolygon",
    "Separation",
    "Space",
    "StraightLine",
    "Topology",
    "UnitLines",
    "WidestMargin",
    "bending_units",
    "bent_share",
    "best_line",
    "best_line_accuracy",
    "best_polygon",
    "boundary_places",
    "disc_error",
    "fold_lines",
    "homeomorphism",
    "input_plane",
    "kink_places",
    "lifted",
    "linear_regions",
    "linearly_separable",
    "most_regions",
    "polyline_floor",
    "unit_lines",
    "warp",
    "warp_film",
    "warp_weights",
    "widest_margin",
]
