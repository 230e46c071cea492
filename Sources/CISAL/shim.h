#pragma once
#include <isa-l.h>
#include <stdlib.h>
#include <string.h>

// The streams of ISA-L hold arrays that are too large for Swift to import, so they are made and driven here.

/// A gzip stream that is being written: header with time 0 and system 255, as ISA-L writes it.
struct ingot_deflate {
    struct isal_zstream stream;
    uint8_t *level_buffer;
};

static inline void ingot_deflate_free(struct ingot_deflate *state) {
    if (state == NULL) return;
    free(state->level_buffer);
    free(state);
}

static inline struct ingot_deflate *ingot_deflate_new(void) {
    struct ingot_deflate *state = (struct ingot_deflate *)calloc(1, sizeof *state);
    if (state == NULL) return NULL;
    isal_deflate_init(&state->stream);
    state->level_buffer = (uint8_t *)malloc(ISAL_DEF_LVL1_DEFAULT);
    if (state->level_buffer == NULL) { ingot_deflate_free(state); return NULL; }
    state->stream.level = 1;
    state->stream.level_buf = state->level_buffer;
    state->stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    state->stream.gzip_flag = IGZIP_GZIP;
    return state;
}

/// Compresses all of `input` as far as `output` has room; `*consumed` and `*produced` say how far it came.
/// Returns ISA-L's code, 0 when all is well.
static inline int ingot_deflate_step(
    struct ingot_deflate *state, const uint8_t *input, uint32_t count, int is_last,
    uint8_t *output, uint32_t capacity, uint32_t *consumed, uint32_t *produced, int *is_finished
) {
    state->stream.next_in = (uint8_t *)input;
    state->stream.avail_in = count;
    state->stream.end_of_stream = is_last ? 1 : 0;
    state->stream.next_out = output;
    state->stream.avail_out = capacity;
    int code = isal_deflate(&state->stream);
    *consumed = count - state->stream.avail_in;
    *produced = capacity - state->stream.avail_out;
    *is_finished = state->stream.internal_state.state == ZSTATE_END;
    return code;
}

/// A gzip stream that is being read: one member.
static inline struct inflate_state *ingot_inflate_new(void) {
    struct inflate_state *state = (struct inflate_state *)calloc(1, sizeof *state);
    if (state == NULL) return NULL;
    isal_inflate_init(state);
    state->crc_flag = ISAL_GZIP;
    return state;
}

/// Bytes as zip and zlib hold them: without a header, or with zlib's.
static inline struct inflate_state *ingot_inflate_new_bare(int has_zlib_header) {
    struct inflate_state *state = (struct inflate_state *)calloc(1, sizeof *state);
    if (state == NULL) return NULL;
    isal_inflate_init(state);
    state->crc_flag = has_zlib_header ? ISAL_ZLIB : ISAL_DEFLATE;
    return state;
}

static inline void ingot_inflate_free(struct inflate_state *state) { free(state); }

/// Begins the next member of the same stream.
static inline void ingot_inflate_reset(struct inflate_state *state) {
    isal_inflate_reset(state);
    state->crc_flag = ISAL_GZIP;
}

static inline int ingot_inflate_step(
    struct inflate_state *state, const uint8_t *input, uint32_t count,
    uint8_t *output, uint32_t capacity, uint32_t *consumed, uint32_t *produced, int *is_finished
) {
    state->next_in = (uint8_t *)input;
    state->avail_in = count;
    state->next_out = output;
    state->avail_out = capacity;
    int code = isal_inflate(state);
    *consumed = count - state->avail_in;
    *produced = capacity - state->avail_out;
    *is_finished = state->block_state == ISAL_BLOCK_FINISH;
    return code;
}
