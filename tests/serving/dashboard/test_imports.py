import subprocess
import sys

HEAVY = ("ibis", "mlflow", "mlforecast", "nltk", "altair", "vl_convert", "pandas")


def test_the_dashboard_is_ready_without_what_it_needs_later():
    """A worker's start is quick: charts and what they pull in come with the first page that draws."""
    code = f"import sys, serving.dashboard; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
