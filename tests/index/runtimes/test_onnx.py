import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.errors import EncoderError
from index.runtimes import architecture, cache, graph
from index.runtimes.model import bundled_folder
from index.runtimes.onnx import OnnxEncoder, multiplies_bytes
from tests.index.runtimes.builders import install_weights, make_config

QUESTION = ["Where is the ferry?"]


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let nothing be made yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("DATELINE_CACHE", str(folder))
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return a copy of the bundled model's folder, to be changed at will; its weights are a link."""
    folder = tmp_path / "model"
    shutil.copytree(bundled_folder(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").symlink_to(bundled_folder() / "model.safetensors")
    return folder


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_encode_when_the_weights_are_altered_then_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_cache: Path
) -> None:
    whole = bundled_folder()
    altered = install_weights(tmp_path / "site", monkeypatch, b"other weights")
    for path in whole.glob("*.json"):
        shutil.copy(path, altered)
    with pytest.raises(EncoderError, match="not the publisher's"):
        OnnxEncoder(make_config()).encode_queries(QUESTION)
    assert not empty_cache.exists()


def test_encode_when_the_graph_was_kept_then_the_same_vectors(empty_cache: Path) -> None:
    first, second = (OnnxEncoder(make_config(precision="full", threads=1)).encode_queries(QUESTION) for _ in range(2))
    assert np.array_equal(first, second)
    assert len(list(empty_cache.iterdir())) == 1


def test_encode_when_the_recipe_is_newer_then_the_graph_is_made_again(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    OnnxEncoder(make_config(precision="full")).encode_queries(QUESTION)
    [path] = empty_cache.iterdir()
    before = path.stat().st_mtime_ns
    monkeypatch.setattr(graph, "RECIPE", graph.RECIPE + 1)
    OnnxEncoder(make_config(precision="full")).encode_queries(QUESTION)
    assert list(empty_cache.iterdir()) == [path]
    assert path.stat().st_mtime_ns > before


def test_encode_when_matrices_are_codes_then_nearly_the_same_vectors() -> None:
    folder = bundled_folder()
    sizes = [len(graph.build(folder, architecture.shape(folder), codes=codes)) for codes in (False, True)]
    assert sizes[1] < 0.85 * sizes[0]  # 8 bits a weight and its scales against 16; the words are in 16 either way


def test_precision_when_full_is_asked_for_then_32_bits() -> None:
    assert OnnxEncoder(make_config(precision="full")).precision == "float32"


@pytest.mark.parametrize(
    ("description", "gains"),
    [
        ("processor\t: 0\nflags\t\t: fpu sse avx2 avx512f avx512_vnni\nbugs\t\t:\n", True),
        ("flags\t\t: fpu avx2 avx_vnni\n", True),
        ("flags\t\t: fpu sse avx2 avx512f\n", False),
        ("model name\t: avx_vnni\n", False),
        ("", False),
    ],
)
def test_codes_when_the_cpu_multiplies_bytes_then_they_gain(tmp_path: Path, description: str, gains: bool) -> None:
    (tmp_path / "cpuinfo").write_text(description)
    assert multiplies_bytes(tmp_path / "cpuinfo") is gains


def test_codes_when_the_system_does_not_describe_the_cpu_then_32_bits(tmp_path: Path) -> None:
    assert not multiplies_bytes(tmp_path / "nothing")


def test_encode_when_a_folder_holds_the_same_weights_then_the_same_vectors(model: Path) -> None:
    named = OnnxEncoder(make_config(model=str(model), precision="full")).encode_queries(QUESTION)
    assert np.array_equal(named, OnnxEncoder(make_config(precision="full")).encode_queries(QUESTION))


def test_encode_when_prompts_are_set_then_they_stand_before_the_text() -> None:
    prompted = OnnxEncoder(make_config(query_prompt="query: ", precision="full"))
    plain = OnnxEncoder(make_config(precision="full"))
    assert np.array_equal(prompted.encode_queries(QUESTION), plain.encode_queries([f"query: {QUESTION[0]}"]))


def test_encode_when_there_is_nothing_then_no_rows() -> None:
    assert OnnxEncoder(make_config(precision="full")).encode_passages([]).shape == (0, 384)


def test_encode_when_the_tokenizer_is_damaged_then_encoder_error_names_it(model: Path, empty_cache: Path) -> None:
    (model / "tokenizer.json").write_text("{")
    with pytest.raises(EncoderError, match=r"tokenizer\.json"):
        OnnxEncoder(make_config(model=str(model))).encode_queries(QUESTION)


@pytest.mark.parametrize("content", [b"", b"no weights at all", b"\x02\0\0\0\0\0\0\0{}"])
def test_encode_when_the_weights_are_no_berts_then_encoder_error_names_them(
    model: Path, empty_cache: Path, content: bytes
) -> None:
    (model / "model.safetensors").unlink()
    (model / "model.safetensors").write_bytes(content)
    with pytest.raises(EncoderError, match=r"model\.safetensors"):
        OnnxEncoder(make_config(model=str(model))).encode_queries(QUESTION)


def test_encode_when_what_is_kept_is_no_graph_then_encoder_error(empty_cache: Path) -> None:
    encoder = OnnxEncoder(make_config(precision="full"))
    encoder.encode_queries(QUESTION)
    [path] = empty_cache.iterdir()
    header = json.loads(path.read_bytes().partition(b"\n")[0])
    path.unlink()
    cache.kept(path, header["origin"], lambda: b"not a graph")
    with pytest.raises(EncoderError, match="cannot load the model"):
        OnnxEncoder(make_config(precision="full")).encode_queries(QUESTION)


def test_obstacle_when_the_model_is_ours_then_none(model: Path) -> None:
    assert architecture.obstacle(model) == ""


@pytest.mark.parametrize(
    ("file", "values", "reason"),
    [
        ("config.json", {"model_type": "roberta"}, "model_type is 'roberta'"),
        ("config.json", {"hidden_act": "relu"}, "hidden_act is 'relu'"),
        ("config.json", {"position_embedding_type": "relative_key"}, "positions"),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}, "mean"),
        ("config_sentence_transformers.json", {"default_prompt_name": "query"}, "prompt"),
    ],
)
def test_obstacle_when_the_model_is_of_another_kind_then_said(
    model: Path, file: str, values: dict[str, object], reason: str
) -> None:
    change(model / file, **values)
    assert reason in architecture.obstacle(model)


def test_obstacle_when_a_dense_layer_follows_then_said(model: Path) -> None:
    modules = json.loads((model / "modules.json").read_text())
    modules.append({"type": "sentence_transformers.models.Dense"})
    (model / "modules.json").write_text(json.dumps(modules))
    assert "Dense" in architecture.obstacle(model)


def test_light_path_when_a_question_is_encoded_then_nothing_heavy_was_imported() -> None:
    code = (
        "import sys\n"
        "from index.config import EncoderConfig\n"
        "from index.encode import open_encoder\n"
        "open_encoder(EncoderConfig(runtime='onnx')).encode_queries(['Where is the ferry?'])\n"
        "print(*{'torch', 'transformers', 'sentence_transformers', 'sklearn', 'scipy', 'safetensors', 'sympy'}\n"
        "      & set(sys.modules))\n"
    )
    OnnxEncoder(make_config()).encode_queries(QUESTION)  # so that the graph is made
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
