#include "EmbeddedModel.h"

static const unsigned char config[] = {
#embed "model/config.json"
};
static const unsigned char weights[] = {
#embed "model/model.safetensors"
};
static const unsigned char tokenizer[] = {
#embed "model/tokenizer.json"
};
static const unsigned char tokenizer_config[] = {
#embed "model/tokenizer_config.json"
};

static const EmbeddedFile files[] = {
    {"config.json", config, sizeof config},
    {"model.safetensors", weights, sizeof weights},
    {"tokenizer.json", tokenizer, sizeof tokenizer},
    {"tokenizer_config.json", tokenizer_config, sizeof tokenizer_config},
};

size_t embedded_file_count(void) { return sizeof files / sizeof files[0]; }
EmbeddedFile embedded_file(size_t index) { return files[index]; }
