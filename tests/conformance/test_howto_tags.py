"""How-to, section "De-identify DICOM tags": one test per sample, its request as printed and the sample metadata.

The page prints the new UIDs of every sample and the elements that it wants to be noticed. The rest of each expected
result is what the page says in words: an unspecified profileType is the Basic profile of PS3.15 edition 2018e.
"""

from __future__ import annotations

UIDS = ("00080018", "0020000D", "0020000E")


def test_sample_metadata_is_answered_as_printed_once_it_is_stored(page, cloud):
    """The page prints file meta information and the character set in the file as well (`Run.metadata` says why not)."""
    store = cloud.create_store()
    cloud.store(page.sample(), store)
    printed = page.metadata()
    sop, study, series = (printed[tag]["Value"][0] for tag in UIDS)
    url = f"v1beta1/{store}/dicomWeb/studies/{study}/series/{series}/instances/{sop}/metadata"
    (metadata,) = cloud.get(url).json()
    metadata.pop("7FE00010")
    in_data_set = {tag: item for tag, item in printed.items() if not tag.startswith("0002")}
    assert metadata == in_data_set | {"00080005": {"vr": "CS", "Value": ["ISO_IR 192"]}}


def test_keep_tags(page, run):
    done = run(page.requests["keep_tag"], page.sample())
    changes = {tag: change for tag, change in page.after_basic().items() if tag != "00100010"}
    assert done.metadata() == page.result(changes)
    assert page.originals_in(done.file()) == {"Ann Johnson"}


def test_remove_tags(page, run):
    """A removed tag is "replaced with an empty value"; under the Basic profile the name would be empty anyway."""
    done = run(page.requests["remove_tag"], page.sample())
    assert done.metadata() == page.result(page.after_basic() | {"00100010": ""})
    assert page.originals_in(done.file()) == set()


def test_delete_tags(page, run):
    done = run(page.requests["delete_tag"], page.sample())
    assert done.metadata() == page.result(page.after_basic() | {"00100010": None})
    assert page.originals_in(done.file()) == set()


def test_reset_tags_to_a_placeholder_value(page, run):
    done = run(page.requests["reset_tag"], page.sample())
    assert done.metadata() == page.result(page.after_basic() | page.printed["reset_tag"])
    assert page.originals_in(done.file()) == set()


def test_replace_a_uid_with_a_generated_uid(page, run):
    """The page says that "out of the primary IDs, only the SOPInstanceUID has a newly generated UID", although it
    counts MediaStorageSOPInstanceUID among them: PS3.10 section 7.1 has it follow the SOPInstanceUID.

    It says, too, that by default "every tag in the sample metadata with a VR of UI" gets a new UID. Read to the letter
    that has the SOP class and the transfer syntax replaced, which no other sample of the page shows.
    """
    done = run(page.requests["regen_uid_tag"], page.sample())
    sop = "1.2.276.0.7230010.3.1.4.8323329.78.1539083058.523695"
    changes = {"00080018": page.uid(sop), "00020003": page.uid(sop)}
    assert done.metadata() == page.result(changes)
    printed_path = (
        "studies/2.25.70541616638819138568043293671559322355"
        "/series/1.2.276.0.7230010.3.1.3.8323329.78.1531234558.523694"
        "/instances/1.3.6.1.4.1.11129.5.1.97415866390999888717168863957686758029"
    )
    assert done.url().endswith(printed_path)


def test_recursively_de_identify_tags_in_a_nested_sequence(page, run):
    """The page's CodingSchemeDesignators have 23 characters, 7 more than SH may have; they are stored as they are."""
    done = run(page.requests["recurse_tag"], page.recurse_instance())
    metadata = page.metadata("recurse_instance")
    new = {tag: page.uid(metadata[tag]["Value"][0]) for tag in UIDS}
    changes = new | page.printed["recurse_tag"] | {"7FE00010": None}
    meta = {
        "00020002": {"vr": "UI", "Value": ["1111111"]},
        "00020003": {"vr": "UI", "Value": [new["00080018"]]},
    }
    assert done.metadata() == page.result(changes, "recurse_instance") | meta


def test_the_uids_of_every_sample_are_where_the_page_looks_for_them(page, run):
    """The page retrieves the metadata of a de-identified instance from a URL with the new UIDs written out."""
    done = run(page.requests["keep_tag"], page.sample())
    assert done.url().endswith(
        "studies/1.3.6.1.4.1.11129.5.1.201854290391432893460946240745559593763"
        "/series/1.3.6.1.4.1.11129.5.1.303327499491957026103380014864616068710"
        "/instances/1.3.6.1.4.1.11129.5.1.97415866390999888717168863957686758029"
    )
