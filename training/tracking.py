"""Experiments and the model registry in MLflow: the only place that imports it."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from workspace.folder import Workspace

if TYPE_CHECKING:
    import lightgbm as lgb

_NOISY = ("mlflow", "alembic")
_URI = "MLFLOW_TRACKING_URI"


def registered_name(kind: str) -> str:
    """Name of a kind's model in the registry."""
    return f"rapport-{kind}"


def tracking_uri(workspace: Workspace) -> str:
    """MLFLOW_TRACKING_URI where it is set, else mlruns/mlflow.db in the workspace."""
    return os.environ.get(_URI) or f"sqlite:///{workspace.mlruns.resolve() / 'mlflow.db'}"


class Run:
    """One run that is going on. What is logged may hold no customer's id and no customer's row."""

    def __init__(self, workspace: Workspace, kind: str, mlflow: Any, client: Any, run_id: str) -> None:
        self._workspace = workspace
        self._kind = kind
        self._mlflow = mlflow
        self._client = client
        self.run_id = run_id
        self._model: Any = None
        self._card: str | None = None

    def params(self, values: Mapping[str, Any]) -> None:
        """Log parameters, each as text."""
        self._mlflow.log_params({name: str(value) for name, value in values.items()})

    def metrics(self, values: Mapping[str, Any], prefix: str = "") -> None:
        """Log the numbers among `values`; null, text and intervals belong into `dict`."""
        numbers = {f"{prefix}{name}": float(value) for name, value in values.items() if isinstance(value, int | float)}
        self._mlflow.log_metrics(numbers)

    def dict(self, name: str, value: Mapping[str, Any]) -> None:
        """Log a JSON file; `name` ends in .json."""
        self._mlflow.log_dict(dict(value), name)

    def card(self, markdown: str) -> None:
        """Log the model card, and give it to the version when it is registered."""
        self._card = markdown
        self._mlflow.log_text(markdown, "model_card.md")

    def figure(self, name: str, png: bytes) -> None:
        """Log a picture; `name` ends in .png."""
        with TemporaryDirectory(dir=self._workspace.temp) as folder:
            file = Path(folder) / name
            file.write_bytes(png)
            self._client.log_artifact(self.run_id, str(file), "plots")

    def booster(self, booster: lgb.Booster, features: Sequence[str], output: str) -> None:
        """Log a LightGBM model as text, with the signature doubles of `features` -> double `output`."""
        self._model = self._mlflow.lightgbm.log_model(
            booster, name="model", signature=self._signature(features, output), pip_requirements=_requirements()
        )

    def files(self, files: Mapping[str, bytes], features: Sequence[str], output: str) -> None:
        """Log a model as the plain files of its bundle (no pickle), with a signature as for `booster`."""
        self._model = self._mlflow.models.Model.log(
            artifact_path=None,
            name="model",
            flavor=_PlainFiles,
            files=files,
            signature=self._signature(features, output),
        )

    def register(self, bundle: str) -> str:
        """Make the logged model the next version of the registered model and return its number.

        The version gets the alias challenger and carries the hash of its bundle as the tag `bundle`.
        """
        name = registered_name(self._kind)
        if not self._client.search_registered_models(filter_string=f"name = '{name}'"):
            self._client.create_registered_model(name)
        version = self._client.create_model_version(
            name,
            self._model.model_uri,
            run_id=self.run_id,
            model_id=self._model.model_id,
            tags={"bundle": bundle},
            description=self._card,
        )
        self._client.set_registered_model_alias(name, "challenger", version.version)
        return str(version.version)

    def _signature(self, features: Sequence[str], output: str) -> Any:
        import pandas as pd

        # Zeros stand in for data: a signature needs names and types, and real rows stay out of MLflow.
        inputs = pd.DataFrame({name: [0.0] for name in features})
        return self._mlflow.models.infer_signature(inputs, pd.DataFrame({output: [0.0]}))


class _PlainFiles:
    """An MLflow flavour that stores a bundle's files as they are."""

    @staticmethod
    def save_model(path: str, mlflow_model: Any, files: Mapping[str, bytes], **settings: Any) -> None:
        folder = Path(path)
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        mlflow_model.signature = settings.get("signature")
        mlflow_model.add_flavor("rapport_bundle", files=sorted(files))
        mlflow_model.save(str(folder / "MLmodel"))


@contextmanager
def run(workspace: Workspace, kind: str, name: str) -> Iterator[Run]:
    """Open a run called `name` in the experiment `kind`; an error inside marks it as failed."""
    mlflow = _mlflow()
    chosen = os.environ.get(_URI)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            client = _client(mlflow, workspace)
            experiment = _experiment(client, workspace, kind)
            mlflow.set_tracking_uri(tracking_uri(workspace))
            with mlflow.start_run(experiment_id=experiment, run_name=name) as active:
                yield Run(workspace, kind, mlflow, client, active.info.run_id)
        finally:
            # MLflow keeps the address in the environment too: leave that as it was found.
            mlflow.set_tracking_uri(None)
            if chosen is not None:
                os.environ[_URI] = chosen


def set_alias(workspace: Workspace, kind: str, version: str, alias: str) -> bool:
    """Point `alias` (champion, challenger) of a kind's registered model at `version`.

    False where the registry can't be reached or has no such version.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow = _mlflow()
        try:
            _client(mlflow, workspace).set_registered_model_alias(registered_name(kind), alias, version)
        except mlflow.exceptions.MlflowException:
            return False
    return True


def alias(workspace: Workspace, kind: str, alias: str) -> str | None:
    """Version that `alias` of a kind's registered model points at; None without one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow = _mlflow()
        try:
            model = _client(mlflow, workspace).get_registered_model(registered_name(kind))
        except mlflow.exceptions.MlflowException:
            return None
    version = model.aliases.get(alias)
    return None if version is None else str(version)


def bundle_of(workspace: Workspace, kind: str, version: str) -> str | None:
    """Bundle hash that a version of a kind's registered model carries; None when there is no such version."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow = _mlflow()
        try:
            found = _client(mlflow, workspace).get_model_version(registered_name(kind), version)
        except mlflow.exceptions.MlflowException:
            return None
    bundle = found.tags.get("bundle")
    return None if bundle is None else str(bundle)


def _mlflow() -> Any:
    """MLflow, imported late (3 s), without its calls home and its chatter."""
    for variable in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        os.environ.setdefault(variable, "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
        import mlflow.lightgbm
    for logger in _NOISY:
        logging.getLogger(logger).setLevel(logging.ERROR)
    return mlflow


def _client(mlflow: Any, workspace: Workspace) -> Any:
    workspace.mlruns.mkdir(parents=True, exist_ok=True)
    uri = tracking_uri(workspace)
    return mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)


def _experiment(client: Any, workspace: Workspace, kind: str) -> str:
    found = client.get_experiment_by_name(kind)
    if os.environ.get(_URI):
        # A server decides itself where its artifacts live.
        return str(found.experiment_id if found is not None else client.create_experiment(kind))
    place = (workspace.mlruns.resolve() / "artifacts" / kind).as_uri()
    if found is not None and found.artifact_location == place:
        return str(found.experiment_id)
    if found is not None:
        # The workspace was moved or copied: the experiment would go on writing where it was made.
        client.rename_experiment(found.experiment_id, f"{kind} (before moving, {found.experiment_id})")
    return str(client.create_experiment(kind, artifact_location=place))


def _requirements() -> list[str]:
    """Given explicitly, or log_model would spend seconds finding them out."""
    from importlib.metadata import version

    return [f"{name}=={version(name)}" for name in ("lightgbm", "numpy")]
