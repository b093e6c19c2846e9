import CPCRE2

/// The memory and the clock of searching one text.
///
/// Not for several threads.
@safe
final class PatternSearch {
    /// Bytes of a text in which one call of PCRE2 looks for the start of a match.
    private static let windowSize = 64
    /// Calls between two looks at the clock, whose steps together take seconds at most.
    private static let callsPerLook = 16

    private let context: OpaquePointer
    private let found: OpaquePointer
    private let deadline: ContinuousClock.Instant
    private var callCount = 0

    /// Begins with a text.
    ///
    /// - Parameters:
    ///   - limits: what the text may cost.
    ///   - byteCount: its length.
    init(_ limits: PatternLimits, byteCount: Int) {
        // SAFETY: both are null only when there is no memory left, which ends the process like any
        // other allocation; `deinit` frees them.
        guard let context = unsafe pcre2_match_context_create_8(nil),
            let found = unsafe pcre2_match_data_create_8(1, nil)
        else { preconditionFailure("no memory for a search") }
        unsafe self.context = context
        unsafe self.found = found
        // SAFETY: the context is this object's own.
        unsafe pcre2_set_match_limit_8(context, limits.stepsMax)
        unsafe pcre2_set_depth_limit_8(context, limits.stepsMax)
        unsafe pcre2_set_heap_limit_8(context, limits.heapKiBMax)
        deadline = ContinuousClock.now + limits.duration(byteCount: byteCount)
    }

    deinit {
        // SAFETY: made by `init`, and freed nowhere else.
        unsafe pcre2_match_data_free_8(found)
        unsafe pcre2_match_context_free_8(context)
    }

    /// The first match at or after `start`.
    ///
    /// - Parameters:
    ///   - pattern: the pattern.
    ///   - subject: valid UTF-8; the pattern sees nothing besides.
    ///   - start: the start of a scalar, or the end.
    /// - Returns: its bytes; nil when there is none.
    /// - Throws: `PatternLimitReached`.
    func firstMatch(
        of pattern: CompiledPattern,
        in subject: Span<UInt8>,
        from start: Int
    ) throws(PatternLimitReached) -> Range<Int>? {
        precondition((0...subject.count).contains(start), "\(start) of \(subject.count) bytes")
        var windowStart = start
        while true {
            // The last place of the window, where a scalar starts or the text ends.
            var windowEnd = min(windowStart + Self.windowSize, subject.count)
            while windowEnd < subject.count, subject[windowEnd] & 0xc0 == 0x80 { windowEnd += 1 }
            if let match = try match(pattern, subject, windowStart...windowEnd) { return match }
            guard windowEnd < subject.count else { return nil }
            windowStart = windowEnd + subject.decodeScalar(at: windowEnd).byteCount
        }
    }

    /// The first match that starts in `window`.
    private func match(
        _ pattern: CompiledPattern,
        _ subject: Span<UInt8>,
        _ window: ClosedRange<Int>
    ) throws(PatternLimitReached) -> Range<Int>? {
        callCount += 1
        if callCount.isMultiple(of: Self.callsPerLook), ContinuousClock.now >= deadline {
            throw PatternLimitReached.time
        }
        // SAFETY: the context is this object's own.
        unsafe pcre2_set_offset_limit_8(context, window.upperBound)
        var code = run(pattern, subject, from: window.lowerBound, options: PCRE2_NO_UTF_CHECK)
        if code == PCRE2_ERROR_JIT_STACKLIMIT {
            // Machine code has a small stack; the interpreter has the heap.
            code = run(
                pattern,
                subject,
                from: window.lowerBound,
                options: PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT
            )
        }
        switch code {
        case 0...: break
        case PCRE2_ERROR_NOMATCH: return nil
        default: throw PatternLimitReached.steps(code: code)
        }
        // SAFETY: there is room for one pair in what this object owns, and after a match it is set.
        guard let places = unsafe pcre2_get_ovector_pointer_8(found) else { return nil }
        return unsafe places[0]..<max(places[0], places[1])
    }

    private func run(
        _ pattern: CompiledPattern,
        _ subject: Span<UInt8>,
        from start: Int,
        options: UInt32
    ) -> Int32 {
        // SAFETY: PCRE2 reads the subject's bytes, which are valid UTF-8 and stay alive for the call,
        // from the start of a scalar; it writes to `found` alone, which is this object's own, and the
        // pattern is alive and only read.
        unsafe subject.withUnsafeBufferPointer { subject in
            unsafe pcre2_match_8(
                pattern.code,
                subject.baseAddress,
                subject.count,
                start,
                options,
                found,
                context
            )
        }
    }
}

/// Why a search was given up.
enum PatternLimitReached: Error {
    /// PCRE2 took too many steps or too much memory, by its own code.
    case steps(code: Int32)
    /// The text's time was over.
    case time
}
