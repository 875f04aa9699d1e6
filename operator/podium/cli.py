"""The command line: `podium run | sign | crds | leaderboard | explain | verify | export`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from podium.errors import PodiumError

__all__ = ["main"]

app = typer.Typer(
    help="Open language-model competitions on Kubernetes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback with local variables could show what is secret
)

Namespace = Annotated[str, typer.Option("--namespace", "-n", help="Namespace of the competition.")]
Kubeconfig = Annotated[
    str | None, typer.Option("--kubeconfig", help="Instead of KUBECONFIG or the pod's service account.")
]

File = Annotated[
    Path | None,
    typer.Option("--file", help="Objects that kubectl get -o yaml or -o json wrote, instead of a cluster."),
]


@app.command()
def run() -> None:
    """Run the operator. Settings come from environment variables PODIUM_*."""
    # Imported here, as below: a command loads only what it needs.
    from podium.handlers.operator import run_operator  # noqa: PLC0415
    from podium.observability.logging import configure_logging  # noqa: PLC0415
    from podium.settings import Settings  # noqa: PLC0415

    settings = Settings()
    configure_logging(settings.log_level, json=settings.log_format == "json")
    asyncio.run(run_operator(settings))


@app.command()
def sign() -> None:
    """Run the signer. Settings come from environment variables PODIUM_*."""
    from podium.handlers.signer import run_signer  # noqa: PLC0415
    from podium.observability.logging import configure_logging  # noqa: PLC0415
    from podium.settings import Settings  # noqa: PLC0415

    settings = Settings()
    configure_logging(settings.log_level, json=settings.log_format == "json")
    asyncio.run(run_signer(settings))


@app.command()
def crds(
    output: Annotated[
        Path | None, typer.Option(help="Folder to write to; standard output if absent.")
    ] = None,
) -> None:
    """Print or write the definitions of the five kinds."""
    from podium.api.crd import render  # noqa: PLC0415

    for name, text in render().items():
        if output is None:
            typer.echo(f"---\n{text}", nl=False)
        else:
            output.mkdir(parents=True, exist_ok=True)
            (output / name).write_text(text)


@app.command()
def leaderboard(
    competition: Annotated[str, typer.Argument(help="Name of the competition, or comp/NAME.")],
    namespace: Namespace = "default",
    kubeconfig: Kubeconfig = None,
) -> None:
    """Print the standings of a competition."""
    from podium.commands.leaderboard import leaderboard_lines  # noqa: PLC0415

    lines = leaderboard_lines(kubeconfig, namespace, competition.removeprefix("comp/"))
    typer.echo("\n".join(asyncio.run(lines)))


@app.command()
def explain(
    target: Annotated[str, typer.Argument(help="msub/NAME, comp/NAME, round/NAME or wu/NAME.")],
    namespace: Namespace = "default",
    kubeconfig: Kubeconfig = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,  # noqa: FBT002  # typer's form
) -> None:
    """Say why something waits, was rejected, has its place or its weight."""
    from podium.commands.explain import explained  # noqa: PLC0415

    found = asyncio.run(explained(kubeconfig, namespace, target))
    typer.echo(found.document() if as_json else "\n".join(found.lines()))


@app.command()
def verify(
    target: Annotated[str, typer.Argument(help="round/NAME of a completed round.")],
    namespace: Namespace = "default",
    kubeconfig: Kubeconfig = None,
    file: File = None,
) -> None:
    """Compute a round anew from its evidence; print each difference and exit with 1 if there is any."""
    from podium.commands.verify import verification  # noqa: PLC0415

    found = asyncio.run(verification(kubeconfig, namespace, target, file))
    agreed = f"{target}: scores, ranking and average follow from the evidence"
    typer.echo("\n".join(one.sentence() for one in found) or agreed)
    if found:
        raise typer.Exit(1)


@app.command()
def export(
    competition: Annotated[str, typer.Argument(help="Name of the competition, or comp/NAME.")],
    namespace: Namespace = "default",
    kubeconfig: Kubeconfig = None,
    file: File = None,
) -> None:
    """Print the rounds of a competition, one line of JSON each, the oldest first."""
    from podium.commands.export import export as exported  # noqa: PLC0415

    for line in asyncio.run(exported(kubeconfig, namespace, competition, file)):
        typer.echo(line)


def main() -> None:
    """The entry point; what is wrong is said in one line."""
    try:
        app()
    except PodiumError as error:
        typer.echo(f"podium: {error}", err=True)
        raise SystemExit(1) from error
