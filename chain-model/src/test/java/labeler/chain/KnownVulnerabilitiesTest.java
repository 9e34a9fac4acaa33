package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** docs/cves.md names a test for each vulnerability. */
class KnownVulnerabilitiesTest extends DocumentTest {
    @Test
    void each_has_a_test_and_each_test_is_there() throws IOException {
        String document = document("cves.md");
        assertThat(rows(document)).hasSizeGreaterThan(13);
        assertEachRowHasATestThatIsThere(document);
    }
}
