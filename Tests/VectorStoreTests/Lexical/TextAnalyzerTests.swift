import Testing
import VectorStore

@Suite("Words of a text")
struct TextAnalyzerTests {
    private func words(_ text: String, _ language: TextLanguage = .english) -> Set<String> {
        Set(TextAnalyzer(language).words(title: nil, text: text).counts.keys)
    }

    private func query(_ text: String, _ language: TextLanguage = .english) -> [String] {
        TextAnalyzer(language).queryWords(text, countMax: 64)
    }

    /// Whether each word of a query is one of a text.
    private func finds(
        _ wanted: String,
        in text: String,
        _ language: TextLanguage = .english
    ) -> Bool {
        let words = query(wanted, language)
        return !words.isEmpty && Set(words).isSubset(of: self.words(text, language))
    }

    @Test("are lowered, stemmed and without accents")
    func folding() {
        #expect(words("The HEATED wings, cafés!") == ["the", "heat", "wing", "cafe"])
        #expect(query("naïve Façade") == query("naive facade"))
        #expect(words("ﬁne ＡＢＣ e\u{301}tude", .none) == ["fine", "abc", "etude"])
        #expect(words("Łódź Ærø straße", .none) == ["lodz", "aero", "strasse"])
    }

    @Test("are counted with their title's, and only once each in the length")
    func counts() {
        let words = TextAnalyzer(.none).words(title: "red fox", text: "the red a_b")
        #expect(words.counts == ["red": 2, "fox": 1, "the": 1, "a": 1, "b": 1, "a_b": 1])
        #expect(words.length == 6)
    }

    @Test(
        "of identifiers are found whole and by parts",
        arguments: [
            ("ABC-123", ["abc", "123", "abc-123"]),
            ("snake_case", ["snake", "case", "snake_case"]),
            ("10.0.0.1", ["10", "0", "1", "10.0.0.1"]),
            ("v2.1-rc1.", ["v2", "1", "rc1", "v2.1-rc1"]),
            ("2026-11-25", ["2026", "11", "25", "2026-11-25"]),
            ("boundary-layer", ["boundary", "layer"]),
            ("and/or", ["and", "or"]), ("_x_", ["x"]), ("a--1", ["a", "1"]),
            ("a\u{2010}1", ["a", "1", "a-1"]),
        ]
    )
    func identifiers(text: String, expected: [String]) {
        #expect(words("so \(text), yes", .none) == Set(expected + ["so", "yes"]))
    }

    @Test(
        "of scripts without spaces are found by any two characters",
        arguments: [
            ("我们在北京大学学习", "北京"), ("我们在北京大学学习", "大学"), ("東京タワーへ行く", "タワー"),
            ("今日はいい天気です", "天気"), ("대한민국의 수도는 서울", "민국"), ("ภาษาไทยง่ายมาก", "ไทย"),
            ("ພາສາລາວ", "ລາວ"), ("ភាសាខ្មែរ", "ខ្មែរ"), ("我们在北京", "京"), ("水", "水"),
        ]
    )
    func spaceless(text: String, wanted: String) {
        #expect(finds(wanted, in: text))
        #expect(finds(wanted, in: "mixed with English: \(text) 2026"))
    }

    @Test("of scripts without spaces are not found by characters that do not stand together")
    func apart() {
        #expect(!finds("北学", in: "我们在北京大学学习"))
    }

    @Test(
        "are stemmed by the language, and those of another script by its own",
        arguments: [
            (TextLanguage.german, "Häuser", "Haus"), (.french, "continuellement", "continuel"),
            (.spanish, "corriendo", "correr"), (.swedish, "flickorna", "flicka"),
            (.english, "книгами", "книга"), (.russian, "running", "run"),
            (.english, "running", "runs"),
            (.turkish, "KIŞIN", "kışın"), (.greek, "θάλασσας", "θάλασσα"),
            (.none, "Straße", "STRASSE"),
        ]
    )
    func languages(language: TextLanguage, text: String, wanted: String) {
        #expect(finds(wanted, in: text, language))
    }

    @Test("are not stemmed when no language is wanted, and as Porter did for collections of old")
    func noStemming() {
        #expect(words("running книгами", .none) == ["running", "книгами"])
        #expect(words("running книгами generously", .porter) == ["run", "книгами", "gener"])
    }

    @Test("have a stemmer for every language", arguments: TextLanguage.allCases)
    func everyLanguage(language: TextLanguage) {
        let fingerprint = TextAnalyzer.fingerprint(language)
        #expect(fingerprint == TextAnalyzer.fingerprint(language))
        for other in TextLanguage.allCases where other != language {
            #expect(TextAnalyzer.fingerprint(other) != fingerprint)
        }
    }

    @Test("that have no end are cut")
    func longWords() {
        let long = String(repeating: "x", count: 10_000)
        #expect(words(long, .none).map(\.utf8.count) == [TextAnalyzer.wordByteCountMax])
        let marks = "e" + String(repeating: "\u{323}", count: 10_000)
        #expect(words(marks, .none).allSatisfy { $0.utf8.count <= TextAnalyzer.wordByteCountMax })
        let vowels = "ก" + String(repeating: "\u{E34}", count: 10_000)
        #expect(words(vowels, .none).allSatisfy { $0.utf8.count <= TextAnalyzer.wordByteCountMax })
    }

    @Test("of a query are its first different ones")
    func queryWords() {
        #expect(TextAnalyzer(.none).queryWords("a b a c d", countMax: 3) == ["a", "b", "c"])
        #expect(query("🙂 ... \u{301} --- \u{0}").isEmpty)
    }
}
