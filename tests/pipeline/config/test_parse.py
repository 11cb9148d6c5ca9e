import json

import pytest

from pipeline.config import ConfigError, parse_config

BODY = {"dicomTagConfig": {"actions": [{"queries": ["00100010"], "keepTag": {}}]}}


def refusal(text, name="deid.json"):
    with pytest.raises(ConfigError) as caught:
        parse_config(text, name=name)
    return caught.value


def test_json_is_read():
    assert parse_config(json.dumps(BODY), name="deid.json") == BODY


@pytest.mark.parametrize("name", ["deid.yaml", "deid.YML", "gs://bucket/deid.yaml", "deid"])
def test_yaml_is_read(name):
    text = 'dicomTagConfig:\n  actions:\n  - queries: ["00100010"]\n    keepTag: {}\n'
    assert parse_config(text, name=name) == BODY


def test_json_without_a_suffix_is_recognised():
    assert parse_config(json.dumps(BODY, indent="\t"), name="config") == BODY


def test_yaml_in_braces_without_a_suffix_is_recognised():
    assert parse_config("{'dicom': {'filterProfile': 'KEEP_ALL_PROFILE'}}", name="config") == {
        "dicom": {"filterProfile": "KEEP_ALL_PROFILE"}
    }


def test_byte_order_mark_is_ignored():
    assert parse_config("\ufeff" + json.dumps(BODY), name="deid.json") == BODY


def test_snake_case_names_become_camel_case_at_every_depth():
    text = json.dumps({"dicom_tag_config": {"actions": [{"queries": ["UI"], "regen_uid_tag": {}}]}})
    assert parse_config(text, name="deid.json") == {
        "dicomTagConfig": {"actions": [{"queries": ["UI"], "regenUidTag": {}}]}
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deid.json", '{"dicom": {"filterProfile": "A", "filterProfile": "B"}}'),
        ("deid.yaml", "dicom:\n  filterProfile: A\n  filterProfile: B\n"),
        ("deid.json", '{"dicom": {"filterProfile": "A", "filter_profile": "B"}}'),
    ],
)
def test_name_given_twice_is_refused(name, text):
    error = refusal(text, name)
    assert error.json_path == "$.dicom.filterProfile"
    assert "twice" in error.message


@pytest.mark.parametrize(
    ("scalar", "read_as"),
    [
        ("00100010", "octal"),
        ("0x00100010", "hexadecimal"),
        ("1_000", "grouped number"),
        ("10:30", "grouped number"),
        ("2020-01-01", "a date"),
        ("on", "true or false"),
        ("!!binary AAAA", "something other than text"),
        ("1.5", "fraction"),
    ],
)
def test_scalar_that_yaml_would_change_is_refused_with_its_line(scalar, read_as):
    error = refusal(f"dicomTagConfig:\n  actions:\n  - queries:\n    - {scalar}\n", "deid.yaml")
    assert error.json_path == "$.dicomTagConfig.actions[0].queries[0]"
    assert error.message.startswith("line 4: ")
    assert read_as in error.message
    assert "quotes" in error.message


def test_quoted_tag_id_in_yaml_stays_text():
    body = parse_config('dicom: {keepList: {tags: ["00100010", 7FE00010]}}', name="deid.yaml")
    assert body["dicom"]["keepList"]["tags"] == ["00100010", "7FE00010"]


def test_yaml_alias_is_expanded():
    body = parse_config(
        "text:\n  transformations: &list [{infoTypes: [A]}]\n  additionalTransformations: *list", name="x.yml"
    )
    assert body["text"]["transformations"] == body["text"]["additionalTransformations"]


def test_yaml_alias_of_itself_is_refused():
    assert "alias of itself" in refusal("dicom: &a {dicom: *a}", "deid.yaml").message


def test_yaml_aliases_that_multiply_are_refused():
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "values" in refusal("\n".join(layers), "deid.yaml").message


def test_yaml_merge_key_is_refused():
    error = refusal("a: &a {text: {}}\ndicom:\n  <<: *a\n", "deid.yaml")
    assert error.json_path == "$.dicom"
    assert "merge keys" in error.message


def test_yaml_name_that_is_no_text_is_refused():
    assert "field name must be text" in refusal("dicom: {1: x}", "deid.yaml").message


def test_yaml_objects_of_other_languages_are_not_made():
    text = "dicom: !!python/object/apply:os.getcwd []"
    assert parse_config(text, name="deid.yaml") == {"dicom": []}


@pytest.mark.parametrize("text", ["", "  \n", "[]", "null", '"text"', "3"])
def test_text_without_an_object_is_refused(text):
    for name in ("deid.json", "deid.yaml", "deid"):
        assert refusal(text, name).json_path == "$"


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("deid.json", '{"dicom": {}\n "text": {}}', "line 2, column 2"),
        ("deid.json", '{"dicom": {},}', "line 1"),
        ("deid.yaml", "dicom:\n\t- x", "line 2, column 1"),
        ("deid.yaml", "dicom: {}\n---\ntext: {}", "line 2"),
        ("deid", '{"dicom": [}', "line 1"),
    ],
)
def test_syntax_error_names_line_and_column(name, text, where):
    assert where in refusal(text, name).message


@pytest.mark.parametrize("number", ["NaN", "Infinity", "9" * 5000])
def test_json_number_that_no_field_takes_is_refused(number):
    assert refusal(f'{{"dicom": {{"skipIdRedaction": {number}}}}}').json_path == "$.dicom.skipIdRedaction"


@pytest.mark.parametrize("name", ["deid.json", "deid.yaml", "deid"])
@pytest.mark.parametrize("depth", [60, 100_000])
def test_absurd_depth_is_refused(name, depth):
    assert "nested" in refusal('{"dicom":' + "[" * depth + "]" * depth + "}", name).message


def test_all_mistakes_of_a_file_are_in_the_message():
    error = refusal("dicom: {keepList: {tags: [00100010, 00100020]}}", "deid.yaml")
    assert [problem.json_path for problem in error.problems] == [
        "$.dicom.keepList.tags[0]",
        "$.dicom.keepList.tags[1]",
    ]
    assert str(error).startswith("deid.yaml: 2 mistakes\n")
    assert all(str(problem) in str(error) for problem in error.problems)
