"""Colours are judged by numbers: contrast by WCAG 2, colour-blind distance by Machado et al. (2009)."""

from itertools import combinations

import numpy as np
import pytest

from charts.theme import PALETTES, config

MACHADO = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def linear(colour):
    shares = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    lights = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(rgb):
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    scaled = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    bent = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * bent[1] - 16, 500 * (bent[0] - bent[1]), 200 * (bent[1] - bent[2])])


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_marks_stand_out(mode):
    palette = PALETTES[mode]
    assert contrast(palette.text, palette.background) >= 7
    assert contrast(palette.quiet, palette.background) >= 4.5
    for colour in palette.category:
        assert contrast(colour, palette.background) >= 3, colour


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("blindness", list(MACHADO))
def test_the_first_colours_differ_for_colour_blind_readers(mode, blindness):
    seen = [lab(np.array(MACHADO[blindness]) @ linear(colour)) for colour in PALETTES[mode].category[:5]]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 15


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_heat_rises_in_one_direction(mode):
    lights = [float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in PALETTES[mode].heat]
    assert lights == sorted(lights, reverse=mode == "light")


def test_numbers_and_times_follow_the_language():
    assert config("light", "zh")["locale"]["time"]["shortMonths"][0] == "1月"
    assert config("light", "en")["locale"]["time"]["shortMonths"][0] == "Jan"
    assert config("dark", "en")["locale"]["number"]["thousands"] == ","
    assert config("dark")["background"] == PALETTES["dark"].background
