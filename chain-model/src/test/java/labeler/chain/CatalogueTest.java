package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** docs/hostile-images.md names a test for each case of the catalogue. */
class CatalogueTest extends DocumentTest {
    private static final int LAST = 116;

    /** Numbers that the catalogue does not have, since the case was merged with another. */
    private static final Set<Integer> NONE =
            Set.of(9, 12, 20, 23, 36, 43, 54, 57, 69, 75, 76, 87, 92, 94, 99, 106, 108);

    @Test
    void each_case_has_a_test_and_each_test_is_there() throws IOException {
        String document = document("hostile-images.md");
        List<Integer> cases = rows(document).stream()
                .map(row -> Integer.parseInt(row.substring(2, row.indexOf(" |"))))
                .toList();
        assertThat(cases)
                .isEqualTo(IntStream.rangeClosed(1, LAST)
                        .filter(number -> !NONE.contains(number))
                        .boxed()
                        .toList());
        assertEachRowHasATestThatIsThere(document);
    }
}
