#include "CTorch.h"
extern "C" int ct_version(void) { return 1; }
