/// Prompts as requests give them.
enum Prompts {
    /// The prompt before a query: as it is given, or made of an instruction.
    ///
    /// - Parameters:
    ///   - prompt: what stands before a query, word for word.
    ///   - instruction: a task, for a prompt in the form of `Instruction`.
    ///   - name: the field of `prompt`, for errors.
    /// - Returns: the prompt; nil when neither is given.
    /// - Throws: `invalid` when both are given, `tooLarge` when one is too long.
    static func query(
        _ prompt: String?,
        instruction: String?,
        named name: String = "query_prompt"
    ) throws(RagError) -> String? {
        try Limits.check(prompt: prompt, param: name)
        try Limits.check(prompt: instruction, param: "instruction")
        guard let instruction else { return prompt }
        guard prompt == nil else {
            throw RagError(
                .invalid,
                "instruction and \(name) both say what stands before a query; give one of them",
                param: "instruction"
            )
        }
        return Instruction.queryPrompt(instruction)
    }
}
