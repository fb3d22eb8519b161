from charts.lift import lift

POINTS = [
    {"model": model, "contacted": step / 10, "found": (step / 10) ** power}
    for model, power in (("Model", 0.4), ("Recency", 0.7))
    for step in range(11)
]


def test_gains_of_model_and_rule_over_chance(drawn, values):
    specification = drawn(lift(POINTS, title="Leavers found"))
    assert set(values(specification, "model")) == {"Model", "Recency"}
    assert specification["layer"][2]["encoding"]["color"]["sort"] == ["Model", "Recency"]
    assert max(values(specification, "found")) == 1.0
