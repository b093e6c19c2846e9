import ModelHub
import Testing

@Suite("Headers of a hub")
struct HeaderTests {
    @Test("reads the next link, and no other")
    func readsLinks() {
        #expect(PageLink.next(in: "<https://h/a?cursor=b>; rel=\"next\"") == "https://h/a?cursor=b")
        #expect(PageLink.next(in: "</p>; rel=\"prev\", </n>; rel=next") == "/n")
        #expect(PageLink.next(in: "</p>; rel=\"prev\"") == nil)
        #expect(PageLink.next(in: "") == nil)
    }

    @Test("reads content ranges")
    func readsContentRanges() {
        #expect(AnswerHead.ContentRange("bytes 5-9/10") == .init(offset: 5, total: 10))
        #expect(AnswerHead.ContentRange("bytes 5-9/*") == .init(offset: 5, total: nil))
        for text in ["bytes 9-5/10", "bytes */10", "5-9/10", "bytes 5-9", "", "bytes -5-9/10"] {
            #expect(AnswerHead.ContentRange(text) == nil)
        }
    }
}
