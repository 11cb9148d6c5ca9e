"""The manifest and the run id depend on what is asked, and on nothing else."""

from demo.cloud import open_bucket
from demo.manifest import manifest_text, run_id_for, write_manifest

PATHS = ["/studies/2/series/1/instances/1", "/studies/1/series/1/instances/1"]


def test_the_manifest_is_sorted_with_one_path_a_line():
    assert manifest_text(PATHS) == f"{PATHS[1]}\n{PATHS[0]}\n"


def test_the_order_of_the_paths_does_not_change_the_run_id():
    assert run_id_for(manifest_text(PATHS), b"{}") == run_id_for(manifest_text(reversed(PATHS)), b"{}")


def test_another_instance_changes_the_run_id():
    assert run_id_for(manifest_text(PATHS), b"{}") != run_id_for(manifest_text(PATHS[:1]), b"{}")


def test_another_configuration_changes_the_run_id():
    assert run_id_for("x\n", b"{}") != run_id_for("x\n", b"{ }")


def test_manifest_and_configuration_are_not_mixed_up():
    assert run_id_for("ab", b"c") != run_id_for("a", b"bc")


def test_a_run_id_is_a_legal_resource_id():
    assert run_id_for("", b"").startswith("demo-")
    assert len(run_id_for("", b"")) < 63


def test_writing_again_replaces_the_manifest(cloud):
    bucket = open_bucket(cloud)
    write_manifest(bucket, "first\n")
    write_manifest(bucket, "second\n")
    written = list(bucket.list_blobs(prefix="manifests/"))
    assert [blob.download_as_text() for blob in written] == ["second\n"]


def test_opening_the_bucket_twice_gives_the_same_one(cloud):
    assert open_bucket(cloud).time_created == open_bucket(cloud).time_created
