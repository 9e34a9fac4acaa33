package labeler.arrows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page shows the current rooms. {@code -Dlabeler.write-documents=true} updates it. */
class RoomsPageTest {
    private static final Path PAGE =
            Path.of("../docs/architecture.md").toAbsolutePath().normalize();

    @Test
    void the_page_has_the_rooms_and_arrows_that_the_program_has() throws IOException {
        String page = Files.readString(PAGE);
        String renewed = new RoomsPage(Arrows.read("main.txt")).renewed(page);
        if (Boolean.getBoolean("labeler.write-documents")) {
            Files.writeString(PAGE, renewed);
        } else {
            assertThat(page)
                    .as(
                            "docs/architecture.md; ./dev test -Dtest=RoomsPageTest -Dlabeler.write-documents=true renews it")
                    .isEqualTo(renewed);
        }
    }
}
