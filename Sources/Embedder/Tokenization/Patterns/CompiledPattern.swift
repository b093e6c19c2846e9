import CPCRE2

/// A regular expression that PCRE2 has compiled, to machine code where it can.
///
/// Thread safety: the code is written by `init` alone, and read by any number of searches at once, each
/// with a `PatternSearch` of its own.
@safe
final class CompiledPattern: @unchecked Sendable {
    /// PCRE2's own, for `PatternSearch` alone.
    let code: OpaquePointer

    /// Longest expression: real ones have some hundred bytes, and the compiled form is bounded anyhow.
    private static let byteCountMax = 16 << 10

    /// Compiles an expression in PCRE2's own syntax, on Unicode scalars.
    ///
    /// `^` and `$` match at every line, groups capture nothing, and the newline is U+000A.
    ///
    /// - Throws: `PatternRefusal` with PCRE2's reason.
    init(_ expression: String) throws(PatternRefusal) {
        let bytes = Array(expression.utf8)
        guard bytes.count <= Self.byteCountMax else {
            throw PatternRefusal(
                "\(bytes.count) bytes, where at most \(Self.byteCountMax) are read"
            )
        }
        let options =
            PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NO_AUTO_CAPTURE | PCRE2_USE_OFFSET_LIMIT
            | PCRE2_NEVER_BACKSLASH_C
        var failure: Int32 = 0
        var place = 0
        // SAFETY: PCRE2 reads as many bytes as it is told, keeps a copy of the context's settings only,
        // and the context is freed on every path; the three results are exclusive to the call.
        let compiled: OpaquePointer? = unsafe bytes.withUnsafeBufferPointer { bytes in
            let context = unsafe pcre2_compile_context_create_8(nil)
            defer { unsafe pcre2_compile_context_free_8(context) }
            unsafe pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
            return unsafe pcre2_compile_8(
                bytes.baseAddress,
                bytes.count,
                options,
                &failure,
                &place,
                context
            )
        }
        guard let compiled = unsafe compiled else {
            throw PatternRefusal(
                "what PCRE2 does not compile (byte \(place): \(Self.message(failure)))"
            )
        }
        unsafe code = compiled
        // SAFETY: nobody else has the code yet. Where there is no compiler, matching interprets it.
        _ = unsafe pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE)
    }

    deinit {
        // SAFETY: made by `init`, freed nowhere else, and no search outlives its pattern.
        unsafe pcre2_code_free_8(code)
    }

    /// PCRE2's words for an error of its own.
    private static func message(_ failure: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        // SAFETY: PCRE2 writes at most the buffer's bytes, the final zero among them.
        let count = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            unsafe pcre2_get_error_message_8(failure, buffer.baseAddress, buffer.count)
        }
        return count > 0
            ? String(decoding: buffer[..<Int(count)], as: UTF8.self) : "error \(failure)"
    }
}
