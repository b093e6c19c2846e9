/* CRC-32C by hardware where the CPU has the instruction, by table otherwise; byte planes; a search.
 *
 * The shuffles and the search are plain loops: the compiler turns them into instructions of the baseline
 * (SSE2, NEON), and the shuffles run far ahead of the LZ4 next to them.
 */
#include "ragd_bytes.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

/* ---- CRC-32C, table ------------------------------------------------------------------------- */

#define POLYNOMIAL 0x82F63B78u /* 0x1EDC6F41 with its bits reversed */

/* tables[k][b]: the CRC of byte b followed by k zero bytes ("slicing by 8"). */
static uint32_t tables[8][256];
static pthread_once_t tables_made = PTHREAD_ONCE_INIT;

static void make_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
        tables[0][byte] = crc;
    }
    for (int k = 1; k < 8; k++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t before = tables[k - 1][byte];
            tables[k][byte] = before >> 8 ^ tables[0][before & 0xFF];
        }
    }
}

uint32_t ragd_crc32c_table(uint32_t previous, const uint8_t *bytes, size_t count) {
    pthread_once(&tables_made, make_tables);
    uint32_t crc = ~previous;
    for (; count >= 8; count -= 8, bytes += 8) {
        crc ^= (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16
             | (uint32_t)bytes[3] << 24;
        crc = tables[7][crc & 0xFF] ^ tables[6][crc >> 8 & 0xFF] ^ tables[5][crc >> 16 & 0xFF]
            ^ tables[4][crc >> 24] ^ tables[3][bytes[4]] ^ tables[2][bytes[5]]
            ^ tables[1][bytes[6]] ^ tables[0][bytes[7]];
    }
    for (; count > 0; count--, bytes++) crc = crc >> 8 ^ tables[0][(crc ^ *bytes) & 0xFF];
    return ~crc;
}

/* ---- CRC-32C, hardware ---------------------------------------------------------------------- */

#if defined(__x86_64__)

__attribute__((target("sse4.2")))
static uint32_t crc32c_hardware(uint32_t previous, const uint8_t *bytes, size_t count) {
    uint64_t crc = (uint32_t)~previous;
    for (; count >= 8; count -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        crc = _mm_crc32_u64(crc, word);
    }
    for (; count > 0; count--, bytes++) crc = _mm_crc32_u8((uint32_t)crc, *bytes);
    return ~(uint32_t)crc;
}

static int has_hardware_crc(void) { return __builtin_cpu_supports("sse4.2"); }

#elif defined(__aarch64__) && defined(__linux__)

__attribute__((target("crc")))
static uint32_t crc32c_hardware(uint32_t previous, const uint8_t *bytes, size_t count) {
    uint32_t crc = ~previous;
    for (; count >= 8; count -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        crc = __crc32cd(crc, word);
    }
    for (; count > 0; count--, bytes++) crc = __crc32cb(crc, *bytes);
    return ~crc;
}

static int has_hardware_crc(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

#else

static uint32_t crc32c_hardware(uint32_t previous, const uint8_t *bytes, size_t count) {
    return ragd_crc32c_table(previous, bytes, count);
}

static int has_hardware_crc(void) { return 0; }

#endif

static uint32_t (*selected_crc)(uint32_t, const uint8_t *, size_t);
static pthread_once_t crc_selected = PTHREAD_ONCE_INIT;

static void select_crc(void) {
    int hardware = ragd_isa_selected() != RAGD_ISA_SCALAR && has_hardware_crc();
    selected_crc = hardware ? crc32c_hardware : ragd_crc32c_table;
}

uint32_t ragd_crc32c(uint32_t previous, const uint8_t *bytes, size_t count) {
    pthread_once(&crc_selected, select_crc);
    return selected_crc(previous, bytes, count);
}

/* ---- Byte planes ---------------------------------------------------------------------------- */

void ragd_shuffle4(const uint8_t *restrict elements, size_t count, uint8_t *restrict planes) {
    for (size_t i = 0; i < count; i++) {
        planes[i] = elements[4 * i];
        planes[count + i] = elements[4 * i + 1];
        planes[2 * count + i] = elements[4 * i + 2];
        planes[3 * count + i] = elements[4 * i + 3];
    }
}

void ragd_unshuffle4(const uint8_t *restrict planes, size_t count, uint8_t *restrict elements) {
    for (size_t i = 0; i < count; i++) {
        elements[4 * i] = planes[i];
        elements[4 * i + 1] = planes[count + i];
        elements[4 * i + 2] = planes[2 * count + i];
        elements[4 * i + 3] = planes[3 * count + i];
    }
}

/* ---- Search --------------------------------------------------------------------------------- */

#define FIND_BLOCK 64

size_t ragd_find_bytes(const uint8_t *whole, size_t count, const uint8_t *part, size_t part_count,
                       size_t first, size_t second) {
    const size_t places = count - part_count + 1;
    const uint8_t one = part[first], other = part[second];
    size_t place = 0;
    for (; place + FIND_BLOCK <= places; place += FIND_BLOCK) {
        const uint8_t *ones = whole + place + first, *others = whole + place + second;
        uint8_t is_near[FIND_BLOCK], any = 0;
        for (int i = 0; i < FIND_BLOCK; i++) is_near[i] = (ones[i] == one) & (others[i] == other);
        for (int i = 0; i < FIND_BLOCK; i++) any |= is_near[i];
        if (!any) continue;
        for (int i = 0; i < FIND_BLOCK; i++) {
            if (is_near[i] && memcmp(whole + place + i, part, part_count) == 0) return place + i;
        }
    }
    for (; place < places; place++) {
        if (whole[place + first] == one && memcmp(whole + place, part, part_count) == 0) return place;
    }
    return count;
}
