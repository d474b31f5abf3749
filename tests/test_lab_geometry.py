"""The page's geometry against Python's, number by number: views, spaces, boundaries, folds, the passage."""

from dataclasses import replace

import numpy as np
import pytest

import unbend as ub
from geometry_networks import net, random_weights, some_points
from lab_modules import run_module
from unbend.activations import activation, catalogue_names
from unbend.activations.steep import steep_zones
from unbend.geometry.bend import warp_weights
from unbend.geometry.folds import fold_lines
from unbend.geometry.morph import passage_of
from unbend.geometry.projection import view_of
from unbend.geometry.unit_lines import unit_lines

MOMENTS = (0.0, 0.1, 0.25, 0.3, 0.4, 0.6, 0.7, 0.9, 1.0)
READ = """
import { boundaryLevels, field, fitCurve, foldLines, layerView, makeStage, unitFields, warp } from './geometry.js';
import { passage } from './bend.js';
import { forward, makeNetwork } from './net.js';
import { activation } from './activations.js';
const { widths, activations, output, features, moments, raster } = given;
const samples = given.data.d === 1 ? 483 : 161;
const floats = list => Float64Array.from(list);
const lists = parts => parts.map(part => Array.from(part));
const test = { n: 0, x: floats([]), y: floats([]) };
const data = { ...given.data, x: floats(given.data.x), y: floats(given.data.y), test };
const network = makeNetwork(widths, activations.map(activation), output);
const parameters = floats(given.parameters);
const stage = makeStage(data, features);
const last = parts => parts[parts.length - 1];
const passed = (places, n) => forward(network, parameters, stage.inputsAt(places, n), n);
const seen = view => ({ ...view, axes: Array.from(view.axes), center: Array.from(view.center) });
"""
SPACES = (
    READ
    + """
const [columns, rows] = raster;
const levels = boundaryLevels(stage, network, parameters, columns, rows, true);
const boundary = { curves: levels.flatMap(level => level.curves), exact: levels.flatMap(level => level.exact) };
const scoresOn = curve => Array.from(last(passed(curve, curve.length / 2)).pre);
console.log(JSON.stringify({
  plane: { ...seen(stage.plane.view), points: Array.from(stage.plane.points), limits: stage.plane.limits },
  field: Array.from(field(stage, network, parameters, columns, rows).post),
  units: unitFields(stage, network, parameters, columns, rows).map(layer => Array.from(layer.post)),
  fit: data.d === 1 ? Array.from(fitCurve(stage, network, parameters, 483)) : null,
  levels: levels.map(({ value, curves }) => ({ value, curves: lists(curves) })),
  boundary: lists(boundary.curves), exact: boundary.exact, scores: boundary.curves.map(scoresOn),
  layers: network.activations.map((_, layer) => {
    const { grid, points, lines, levels, view, limits } = warp(stage, network, parameters, layer, null, samples);
    const space = { grid: lists(grid), points: Array.from(points), lines, levels, ...seen(view), limits };
    const way = passage(stage, network, parameters, layer, { boundary, samples });
    return { ...space, over: way.over, shown: way.shares, moments: moments.map(t => {
      const moment = way.at(t);
      const { part, points, grid, curves } = moment;
      return { part, points: Array.from(points), grid: lists(grid), curves: lists(curves) };
    }) };
  }),
}));
"""
)
FOLDS = (
    READ
    + """
const folds = foldLines(stage, network, parameters, ...raster, true);
console.log(JSON.stringify(folds.map(fold => ({ ...fold, curves: lists(fold.curves) }))));
"""
)


def told(data, network, weights, features=None, **more):
    """What a script needs to know, as JSON."""
    names = {1: ["x"], 2: ["x1", "x2"]}.get(data.x.shape[1], list(data.feature_names))
    return {
        "data": {
            "task": data.task, "d": data.x.shape[1], "n": len(data), "x": data.x.ravel().tolist(), "y": data.y.tolist(),
            "feature_names": list(data.feature_names), "class_names": list(data.class_names),
        },
        "widths": network.widths, "activations": [one.name for one in network.activations], "output": network.output,
        "features": features or names, "parameters": network.flatten(weights).tolist(), "moments": MOMENTS,
        "raster": (483, 2) if data.x.shape[1] == 1 else (121, 121), **more,
    }  # fmt: skip


CASES = {
    "xor, 2 tanh": (ub.data.xor(), ("tanh", 2, 2, 1), 1),
    "xor, 2 relu": (ub.data.xor(), ("relu", 2, 2, 1), 5),
    "curves, 2-2 tanh": (ub.data.curves(n=80), ("tanh", 2, 2, 2, 1), 2),
    "curves, 3 gelu": (ub.data.curves(n=80), ("gelu", 2, 3, 1), 3),
    "ring, 3 relu": (ub.data.ring(n=80), ("relu", 2, 3, 1), 4),
    "ring, 8-8 tanh": (ub.data.ring(n=80), ("tanh", 2, 8, 8, 1), 5),
    "ring, 3-2-5 softplus": (ub.data.ring(n=80), ("softplus", 2, 3, 2, 5, 1), 11),
    "curves, 1 tanh": (ub.data.curves(n=80), ("tanh", 2, 1, 1), 6),
    "curves, 3-1-2 sine": (ub.data.curves(n=80), ("sine", 2, 3, 1, 2, 1), 6),
    "ring, 3 step": (ub.data.ring(n=80), ("step", 2, 3, 1), 7),
    "blobs, 2 tanh": (ub.data.blobs(n=90), ("tanh", 2, 2, 3), 8),
    "blobs, 8 relu": (ub.data.blobs(n=90), ("relu", 2, 8, 3), 9),
    "four classes, 5 tanh": (some_points(2, 4, 3), ("tanh", 2, 5, 4), 8),
    "sine, 3 tanh": (ub.data.sine(n=60), ("tanh", 1, 3, 1), 10),
    "sine, 8-2 relu": (ub.data.sine(n=60), ("relu", 1, 8, 2, 1), 11),
    "iris, 3 tanh": (ub.data.iris(), ("tanh", 4, 3, 3), 12),
    "five columns, 4 relu": (some_points(5, 2, 1), ("relu", 5, 4, 1), 13),
}


def built(name):
    data, (shape, *widths), seed = CASES[name]
    output = {"binary": "sigmoid", "multiclass": "softmax", "regression": "identity"}[data.task]
    network = net(shape, *widths, output=output)
    return data, network, random_weights(network, seed, size=2.0, bias=0.5)


@pytest.fixture(scope="module", params=CASES)
def twins(request):
    """Python's spaces and what the page says of the same weights."""
    data, network, weights = built(request.param)
    spaces = [warp_weights(network, weights, data, layer) for layer in range(len(network.activations))]
    return spaces, run_module(SPACES, told(data, network, weights))


def close(ours, theirs, accuracy=1e-9):
    np.testing.assert_allclose(np.asarray(ours).ravel(), np.asarray(theirs).ravel(), rtol=accuracy, atol=accuracy)


def curves_of(flat):
    return [np.reshape(curve, (-1, 2)) for curve in flat]


def far(one, other):
    """The Hausdorff distance of two sets of curves, between their vertices."""
    one, other = np.concatenate(one), np.concatenate(other)
    apart = np.linalg.norm(one[:, None] - other[None], axis=2)
    return max(apart.min(axis=0).max(), apart.min(axis=1).max())


# ---------------------------------------------------------------------- the plane and the views
def test_the_input_plane_is_pythons(twins):
    spaces, page = twins
    plane = spaces[0].input
    close(plane.projection.axes, page["plane"]["axes"])
    close(plane.projection.shares, page["plane"]["shares"])
    close(plane.points, page["plane"]["points"])
    close(plane.limits, page["plane"]["limits"])


def test_points_grid_limits_and_views_are_pythons(twins):
    spaces, page = twins
    for space, layer in zip(spaces, page["layers"], strict=True):
        close(space.projection.axes, layer["axes"])
        close(space.projection.center, layer["center"])
        close(space.projection.shares, layer["shares"])
        close(space.points, layer["points"])
        close(space.limits, layer["limits"])
        assert [2 * len(part) for part in space.grid] == [len(part) for part in layer["grid"]]
        close(np.concatenate(space.grid), np.concatenate(layer["grid"]))


def test_straight_lines_are_pythons(twins):
    spaces, page = twins
    for space, layer in zip(spaces, page["layers"], strict=True):
        assert len(space.lines) == len(layer["lines"])
        for line, segment in zip(space.lines, layer["lines"], strict=True):
            close(line.segment, segment)
        if space.stage.is_last:
            for level, other in zip(space.levels, layer["levels"], strict=True):
                assert (level.segment is None) == (other["segment"] is None)
                close([level.value, *([] if level.segment is None else level.segment.ravel())],
                      [other["value"], *(other["segment"] or [])])  # fmt: skip


@pytest.mark.parametrize(("width", "outputs"), [(3, 1), (5, 1), (8, 3), (4, 2), (6, 5)])
def test_a_reference_turns_the_view_no_further_than_it_must(width, outputs):
    random = np.random.default_rng(width)
    points, before = random.normal(size=(40, width)), random.normal(size=(40, width))
    directions, older = random.normal(size=(2, width, outputs))
    reference = view_of(before, older)
    view = view_of(points, directions, reference)
    page = run_module(
        """
        import { viewOf } from './projection.js';
        const floats = list => Float64Array.from(list);
        const rows = lists => lists.map(floats);
        const { width, n } = given;
        const reference = viewOf(floats(given.before), n, width, rows(given.older));
        const view = viewOf(floats(given.points), n, width, rows(given.directions), reference);
        console.log(JSON.stringify([reference, view].map(one => ({ ...one, axes: Array.from(one.axes) }))));
        """,
        {"width": width, "n": 40, "before": before.ravel().tolist(), "points": points.ravel().tolist(),
         "older": older.T.tolist(), "directions": directions.T.tolist()},
    )  # fmt: skip
    for ours, theirs in zip((reference, view), page, strict=True):
        close(ours.axes, theirs["axes"])
        close(ours.shares, theirs["shares"])
    assert page[1]["exact"] == view.holds(directions) == (outputs <= 2)


# ---------------------------------------------------------------------- the boundary
def test_what_the_network_says_is_pythons(twins):
    spaces, page = twins
    close(spaces[-1].field, page["field"], 1e-6)  # float32
    if page["fit"]:
        close(spaces[-1].fit, page["fit"])
    corners = spaces[-1].stage.corners.reshape(-1, 2)
    for layer, unit_map in zip(spaces[-1].shape.seen(corners), page["units"], strict=False):
        close(layer.activation, unit_map)


def test_every_vertex_of_the_boundary_is_on_it(twins):
    spaces, page = twins
    space = spaces[-1]
    values = [level.value for level in space.levels] or [0.0]
    at = [value for level, value in zip(page["levels"], values, strict=True) for _ in level["curves"]]
    jumps = any(not exact for exact in page["exact"])
    assert jumps == any(not at.all() for at in space.boundary_exact)
    for value, scores, exact in zip(at, page["scores"], page["exact"], strict=True):
        scores = np.reshape(scores, (-1, space.shape.scores.shape[1]))
        two = (
            np.sort(scores, axis=1)[:, -2:]
            if scores.shape[1] > 1
            else np.stack([scores[:, 0] * 0 + value, scores[:, 0]], 1)
        )
        assert not exact or np.abs(two[:, 1] - two[:, 0]).max() <= 1e-6


def test_the_boundary_lies_where_pythons_lies(twins):
    spaces, page = twins
    space = spaces[-1]
    left, right, bottom, top = space.input.limits
    pairs = [(level.curves, level2["curves"]) for level, level2 in zip(space.levels, page["levels"], strict=True)] if (
        space.levels
    ) else [(space.boundary, page["boundary"])]  # fmt: skip
    for ours, flat in pairs:
        theirs = curves_of(flat)
        assert sorted(map(len, ours)) == sorted(map(len, theirs))
        if ours:
            assert far(ours, theirs) < 1e-6 * max(right - left, top - bottom)


# ---------------------------------------------------------------------- the passage
def test_the_passage_through_every_layer_is_pythons(twins):
    spaces, page = twins
    for space, layer in zip(spaces, page["layers"], strict=True):
        passage = passage_of(space)
        assert passage.way.over == layer["over"]
        close(passage.shares, layer["shown"])
        wide, width = space.shape.weights[space.layer][0].shape
        for t, moment in zip(MOMENTS, layer["moments"], strict=True):
            if wide > 2 and width == 1 and 0 < t < 1 / 3:
                continue  # from three and more units onto a line: there are many shortest ways
            morph = space.morph(t)
            assert moment["part"] == morph.part
            close(morph.points, moment["points"])
            close(np.concatenate(morph.grid), np.concatenate(moment["grid"]))
            assert len(morph.curves) == len(moment["curves"])
            if morph.curves:
                size = np.ptp(np.concatenate(morph.curves), axis=0).max() + 1.0
                assert far(morph.curves, curves_of(moment["curves"])) < 1e-5 * size


# ---------------------------------------------------------------------- folds
FOLDED = ("ring, 3 relu", "ring, 8-8 tanh", "blobs, 8 relu", "five columns, 4 relu", "curves, 3 gelu", "ring, 3 step")


@pytest.mark.parametrize("name", FOLDED)
def test_folds_and_steep_zones_are_pythons(name):
    data, network, weights = built(name)
    page = run_module(FOLDS, told(data, network, weights))
    run = ub.Recording.from_weights(data, weights, activation=network.activations[0].name)
    ours = [unit for unit in unit_lines(run) if unit.inside]
    assert len(fold_lines(run)) == sum(fold["kind"] == "kink" for fold in page)
    assert [(unit.layer, unit.unit) for unit in ours] == list(
        dict.fromkeys((fold["layer"], fold["unit"]) for fold in page)
    )
    for unit in ours:
        own = [fold for fold in page if (fold["layer"], fold["unit"]) == (unit.layer, unit.unit)]
        for kinds, curves in ((("kink", "steep"), unit.lines), (("edge",), unit.edges)):
            theirs = [curve for fold in own if fold["kind"] in kinds for curve in curves_of(fold["curves"])]
            assert len(theirs) == len(curves)
            if curves:
                assert far(curves, theirs) < 1e-6


def test_the_steep_zones_of_the_whole_catalogue_are_pythons():
    page = run_module(
        """
        import { steepZones } from './steep.js';
        import { activation, NAMES } from './activations.js';
        const zones = NAMES.map(name => steepZones(activation(name)));
        console.log(JSON.stringify(zones.map(of => of.map(zone => [zone.edges, zone.middle]))));
        """
    )
    for name, zones in zip(catalogue_names(), page, strict=True):
        ours = [(zone.edges, zone.middle) for zone in steep_zones(activation(name))]
        assert len(ours) == len(zones), name
        for (edges, middle), (theirs, their_middle) in zip(ours, zones, strict=True):
            assert their_middle == pytest.approx(middle, abs=1e-7), name
            assert theirs == pytest.approx(list(edges), abs=1e-7), name


# ---------------------------------------------------------------------- what only the page has
LIFTED = (
    READ
    + """
const { curves } = boundaryLevels(stage, network, parameters, 61, 61, true)[0];
const start = passage(stage, network, parameters, 0).at(0);
console.log(JSON.stringify({
  points: network.activations.map((_, layer) => Array.from(warp(stage, network, parameters, layer).points)),
  input: Array.from(warp(stage, network, parameters, -1).points), start: Array.from(start.points),
  scores: curves.map(curve => Math.max(...last(passed(curve, curve.length / 2)).pre.map(Math.abs))),
}));
"""
)


def test_lifted_features_are_seen_in_the_plane_they_are_lifted_from():
    data, features = ub.data.ring(n=70), ("x2", "x1^2", "x1", "sin(pi*x1)")
    x1, x2 = data.x.T
    columns = np.column_stack([x2, x1**2, x1, np.sin(np.pi * x1)])
    lifted = replace(data, x=columns, feature_names=features)
    network = net("tanh", 4, 3, 2, 1)
    weights = random_weights(network, 3)
    page = run_module(LIFTED, told(data, network, weights, features=features))
    for layer, points in enumerate(page["points"]):
        close(warp_weights(network, weights, lifted, layer).points, points)
    close(data.x, page["input"])
    close(data.x, page["start"])
    assert page["scores"] and max(page["scores"]) <= 1e-6


def test_the_stage_follows_weights_that_change_in_place_and_bears_any_numbers():
    data, network, weights = built("ring, 3 relu")
    page = run_module(
        READ
        + """
        const shown = () => Array.from(warp(stage, network, parameters, 0).points);
        const before = shown();
        parameters[0] += 1;
        const after = shown();
        const again = [NaN, Infinity, -Infinity, 1e300].map(value => {
          parameters.fill(value, 2, 9);
          const { points, limits, lines } = warp(stage, network, parameters, 0);
          const { curves } = boundaryLevels(stage, network, parameters, 21, 21, true)[0];
          const way = passage(stage, network, parameters, 0);
          const moments = [0, 0.2, 0.5, 0.8, 1].flatMap(t => Array.from(way.at(t).points));
          return [...points, ...limits, ...lines.flat(), ...curves.flatMap(curve => [...curve])].every(Number.isFinite)
            && moments.length === 10 * data.n;
        });
        console.log(JSON.stringify({ before, after, again }));
        """,
        told(data, network, weights),
    )
    assert not np.allclose(page["before"], page["after"])
    assert page["again"] == [True] * 4
