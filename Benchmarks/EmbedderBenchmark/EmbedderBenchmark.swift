import Embedder

/// Measures the embedder by itself, without a daemon, and prints a line of JSON a measurement.
///
///     EmbedderBenchmark embed --model FOLDER --corpus FILE.jsonl [--precision f32|bf16|int8]
///                             [--threads 2] [--batch 32] [--tokens-max 256]
///     EmbedderBenchmark tokenize --model FOLDER --corpus FILE.jsonl [--threads 2] [--repeats 5]
///                             [--tokens-max 256] [--texts N]
///     EmbedderBenchmark rerank --model FOLDER [--precision bf16] [--threads 2] [--repeats 3]
///
/// `embed` loads the model, tokenises the texts, says how long both took, and then carries out
/// commands from standard input, a line each, until it ends:
///
///     corpus [BATCH ...]   encodes the batches of these numbers, or all, and says how fast
///     query COUNT          encodes so many short texts one at a time, and says how long each took
///     vectors FILE         writes the vectors of what `corpus` encoded, in the order of the texts
///     texts IN.jsonl FILE  encodes other texts, and writes their vectors
///
/// Commands rather than one list of measurements, so that a driver can let several engines take
/// turns. Vectors are rows of little-endian f32; texts are "title text", or "text" without a title.
@main
struct EmbedderBenchmark {
    static func main() throws {
        let options = try BenchmarkOptions(Array(CommandLine.arguments.dropFirst()))
        switch options.mode {
        case "tokenize": try TokenizerMeasurement(options).run()
        case "rerank": try RerankMeasurement(options).run()
        default: try followCommands(EncoderMeasurement(options))
        }
    }

    private static func followCommands(_ measurement: EncoderMeasurement) throws {
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            switch (words.first, words.dropFirst()) {
            case ("corpus", let numbers):
                try measurement.measureCorpus(try numbers.map(BenchmarkOptions.number))
            case ("query", let count) where count.count == 1:
                try measurement.measureQueries(count: try BenchmarkOptions.number(words[1]))
            case ("vectors", let path) where path.count == 1:
                try measurement.writeVectors(to: words[1])
            case ("texts", let paths) where paths.count == 2:
                try measurement.encodeTexts(at: words[1], writingTo: words[2])
            default:
                throw BenchmarkError("\(line.debugDescription) is no command")
            }
        }
    }
}
