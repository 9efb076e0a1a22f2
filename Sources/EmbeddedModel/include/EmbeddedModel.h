// The embedded base model's files, as bytes inside the program.
#ifndef EMBEDDED_MODEL_H
#define EMBEDDED_MODEL_H

#include <stddef.h>

typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t count;
} EmbeddedFile;

// How many files there are, and the file number `index`.
size_t embedded_file_count(void);
EmbeddedFile embedded_file(size_t index);

#endif
