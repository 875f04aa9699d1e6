"""What the hub answers to the real client."""

import hashlib
import json
import subprocess
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi, HfFileSystem, get_hf_file_metadata, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile, RepoFolder

from tests.hub import Hub
from tests.hub.conftest import TOKEN, WEIGHTS

MODEL = "alice/tuned"
DATASET = "podium/mmlu"
UNKNOWN_COMMIT = "0" * 40


def fetch(url: str, **headers: str) -> httpx2.Response:
    return httpx2.get(url, headers=headers, follow_redirects=True)


def test_model_info_has_the_commit_and_the_identifiers_of_files(api: HfApi) -> None:
    info = api.model_info(MODEL, files_metadata=True)
    config, weights = info.siblings or []
    assert info.sha is not None
    assert len(info.sha) == 40
    assert (config.rfilename, config.lfs) == ("config.json", None)
    assert weights.size == len(WEIGHTS)
    assert weights.lfs is not None
    assert weights.lfs["sha256"] == hashlib.sha256(WEIGHTS).hexdigest()


def test_blob_identifiers_are_those_of_git(api: HfApi, root: Path) -> None:
    (config,) = api.get_paths_info(MODEL, "config.json")
    assert isinstance(config, RepoFile)
    git = ["git", "hash-object", str(root / "models" / MODEL / "config.json")]
    assert config.blob_id == subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()


def test_the_commit_follows_the_contents(api: HfApi, root: Path) -> None:
    first = api.model_info(MODEL).sha
    assert api.model_info(MODEL).sha == first
    (root / "models" / MODEL / "config.json").write_text("{}")
    assert api.model_info(MODEL).sha != first


def test_a_sidecar_gives_the_commit_and_is_no_file(api: HfApi, root: Path) -> None:
    commit = "c0ffee" + "0" * 34
    (root / "models" / MODEL / ".hub.json").write_text(f'{{"commit": "{commit}"}}')
    info = api.model_info(MODEL, revision=commit)
    assert info.sha == commit
    assert [file.rfilename for file in info.siblings or []] == ["config.json", "model.safetensors"]


def test_trees_come_in_pages_with_folders(api: HfApi) -> None:
    tree = list(api.list_repo_tree(DATASET, repo_type="dataset", recursive=True))
    assert [entry.path for entry in tree] == [
        "README.md",
        "data",
        "data/a",
        "data/a/1.parquet",
        "data/a/2.parquet",
        "data/b",
        "data/b/3.parquet",
    ]
    assert {entry.path for entry in tree if isinstance(entry, RepoFolder)} == {"data", "data/a", "data/b"}


def test_a_tree_without_recursion_lists_one_folder(api: HfApi) -> None:
    tree = api.list_repo_tree(DATASET, "data/a", repo_type="dataset", expand=True)
    assert [entry.path for entry in tree] == ["data/a/1.parquet", "data/a/2.parquet"]


def test_references_and_commits_name_the_one_commit(api: HfApi) -> None:
    sha = api.model_info(MODEL).sha
    assert [branch.target_commit for branch in api.list_repo_refs(MODEL).branches] == [sha]
    assert [commit.commit_id for commit in api.list_repo_commits(MODEL)] == [sha]


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_head_announces_commit_etag_and_size(hub: Hub, api: HfApi, root: Path, name: str) -> None:
    metadata = get_hf_file_metadata(f"{hub.endpoint}/{MODEL}/resolve/main/{name}", endpoint=hub.endpoint)
    (file,) = api.get_paths_info(MODEL, name)
    assert isinstance(file, RepoFile)
    assert metadata.commit_hash == api.model_info(MODEL).sha
    assert metadata.etag == (file.lfs.sha256 if file.lfs else file.blob_id)
    assert metadata.size == (root / "models" / MODEL / name).stat().st_size


def test_a_download_is_the_file(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    revision = api.model_info(MODEL).sha
    path = hf_hub_download(
        MODEL, "model.safetensors", revision=revision, endpoint=hub.endpoint, cache_dir=tmp_path, token=False
    )
    assert Path(path).read_bytes() == WEIGHTS


def test_a_snapshot_is_the_whole_repository(hub: Hub, tmp_path: Path, root: Path) -> None:
    copy = tmp_path / "copy"
    snapshot_download(DATASET, repo_type="dataset", endpoint=hub.endpoint, local_dir=copy, token=False)
    for file in (root / "datasets" / DATASET).rglob("*.*"):
        assert (copy / file.relative_to(root / "datasets" / DATASET)).read_bytes() == file.read_bytes()


def test_ranges_are_served(hub: Hub) -> None:
    url = f"{hub.endpoint}/{MODEL}/resolve/main/model.safetensors"
    answer = fetch(url, Range="bytes=1000-1009")
    assert (answer.status_code, answer.content) == (206, WEIGHTS[1000:1010])
    assert answer.headers["Content-Range"] == f"bytes 1000-1009/{len(WEIGHTS)}"


def test_a_range_to_the_end_is_served(hub: Hub) -> None:
    url = f"{hub.endpoint}/{MODEL}/resolve/main/model.safetensors"
    assert fetch(url, Range="bytes=-4").content == WEIGHTS[-4:]
    start = len(WEIGHTS) - 3
    assert fetch(url, Range=f"bytes={start}-").content == WEIGHTS[-3:]


def test_a_range_behind_the_end_is_refused(hub: Hub) -> None:
    url = f"{hub.endpoint}/{MODEL}/resolve/main/model.safetensors"
    assert fetch(url, Range=f"bytes={len(WEIGHTS)}-").status_code == 416


def test_the_file_system_finds_and_reads_parts_of_datasets(hub: Hub, root: Path) -> None:
    files = HfFileSystem(endpoint=hub.endpoint, token=False, use_listings_cache=False)
    found = files.glob(f"datasets/{DATASET}/**/*.parquet")
    assert [str(path).rpartition("/")[2] for path in found] == ["1.parquet", "2.parquet", "3.parquet"]
    with files.open(found[1], "rb") as stream:
        stream.seek(7)
        assert stream.read(11) == (root / "datasets" / DATASET / "data/a/2.parquet").read_bytes()[7:18]


def test_the_file_system_takes_a_commit(hub: Hub, api: HfApi) -> None:
    commit = api.dataset_info(DATASET).sha
    files = HfFileSystem(endpoint=hub.endpoint, token=False)
    assert files.read_text(f"datasets/{DATASET}@{commit}/README.md") == "questions"


def test_what_does_not_exist_is_named_as_the_client_expects(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("alice/nothing")
    with pytest.raises(RepositoryNotFoundError):
        api.model_info(DATASET)  # a dataset is no model
    with pytest.raises(RevisionNotFoundError):
        api.model_info(MODEL, revision=UNKNOWN_COMMIT)
    with pytest.raises(RevisionNotFoundError):
        list(api.list_repo_tree(MODEL, revision=UNKNOWN_COMMIT))
    with pytest.raises(EntryNotFoundError):
        hf_hub_download(MODEL, "absent.json", endpoint=hub.endpoint, cache_dir=tmp_path, token=False)
    with pytest.raises(EntryNotFoundError):
        list(api.list_repo_tree(MODEL, "absent"))


def test_names_cannot_leave_the_root(hub: Hub) -> None:
    assert fetch(f"{hub.endpoint}/api/models/%2E%2E/datasets").status_code == 404
    assert fetch(f"{hub.endpoint}/{MODEL}/resolve/main/%2E%2E/tuned/config.json").status_code == 404


def test_a_private_repository_looks_absent_without_the_token(hub: Hub, api: HfApi, root: Path) -> None:
    (root / "models" / MODEL / ".hub.json").write_text('{"access": "private"}')
    with pytest.raises(RepositoryNotFoundError) as refusal:
        api.model_info(MODEL)
    assert refusal.value.response.status_code == 401
    assert HfApi(endpoint=hub.endpoint, token=TOKEN).model_info(MODEL).private


def test_a_gated_repository_shows_itself_but_not_its_files(
    hub: Hub, api: HfApi, root: Path, tmp_path: Path
) -> None:
    (root / "models" / MODEL / ".hub.json").write_text('{"access": "gated"}')
    assert api.model_info(MODEL).gated == "auto"
    with pytest.raises(GatedRepoError) as refusal:
        hf_hub_download(MODEL, "config.json", endpoint=hub.endpoint, cache_dir=tmp_path, token=False)
    assert refusal.value.response.status_code == 401
    assert hf_hub_download(MODEL, "config.json", endpoint=hub.endpoint, cache_dir=tmp_path, token=TOKEN)


async def test_a_hub_lives_as_long_as_its_context(root: Path) -> None:
    async with Hub(root) as hub:
        assert hub.endpoint.startswith("http://127.0.0.1:")
    with pytest.raises(RuntimeError, match="does not run"):
        _ = hub.endpoint


def test_the_index_names_repositories_and_commits(hub: Hub, api: HfApi) -> None:
    assert fetch(hub.endpoint).json() == {
        f"models/{MODEL}": api.model_info(MODEL).sha,
        f"datasets/{DATASET}": api.dataset_info(DATASET).sha,
    }


def test_earlier_commits_are_listed_and_have_their_own_files(hub: Hub, api: HfApi, root: Path) -> None:
    folder = root / "datasets" / DATASET
    old, older = "b" * 40, "a" * 40
    (folder / ".hub.json").write_text(
        json.dumps(
            {
                "commit": "c" * 40,
                "date": "2026-03-01T00:00:00.000Z",
                "history": [
                    {"commit": old, "date": "2026-02-01T00:00:00.000Z"},
                    {"commit": older, "date": "2026-01-01T00:00:00.000Z"},
                ],
            }
        )
    )
    for commit in (old, older):
        (folder / ".hub" / commit).mkdir(parents=True)
        (folder / ".hub" / commit / "README.md").write_text(commit)

    found = api.list_repo_commits(DATASET, repo_type="dataset")  # in pages of two
    info = api.dataset_info(DATASET, revision=old)
    since = api.list_repo_commits(DATASET, repo_type="dataset", revision=old)

    assert [commit.commit_id[0] for commit in found] == ["c", "b", "a"]
    assert [commit.created_at.month for commit in found] == [3, 2, 1]
    assert [commit.commit_id for commit in since] == [old, older]
    assert (info.sha, [file.rfilename for file in info.siblings or []]) == (old, ["README.md"])
    assert fetch(f"{hub.endpoint}/datasets/{DATASET}/resolve/{older}/README.md").text == older
    assert ".hub" not in str(api.list_repo_files(DATASET, repo_type="dataset"))


def test_bytes_of_bodies_are_counted(hub: Hub) -> None:
    url = f"{hub.endpoint}/{MODEL}/resolve/main/model.safetensors"
    httpx2.head(url)
    fetch(url, Range="bytes=1000-1009")
    assert hub.bytes_sent == 10
    fetch(url)
    assert hub.bytes_sent == 10 + len(WEIGHTS)
