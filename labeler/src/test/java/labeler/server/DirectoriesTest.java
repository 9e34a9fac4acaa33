package labeler.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.config.Config;
import labeler.config.Overrides;
import labeler.config.ServiceConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoriesTest {
    private final Path directory;
    private final Path file;

    DirectoriesTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.file = Files.createFile(directory.resolve("file"));
    }

    private ServiceConfig config(Path state, Path run, Path socket) {
        return Config.DEFAULT
                .with(new Overrides(Optional.of(socket), Optional.of(state), Optional.of(run), Optional.empty()))
                .service();
    }

    @Test
    void a_directory_that_cannot_be_made_is_named_with_its_setting() {
        Path good = directory.resolve("good");
        assertRefused(config(file, good, good.resolve("s")), file, "--state-dir", "service.state-directory");
        assertRefused(
                config(file.resolve("x"), good, good.resolve("s")),
                file.resolve("x"),
                "--state-dir",
                "service.state-directory");
        assertRefused(config(good, file, good.resolve("s")), file, "--run-dir", "service.run-directory");
        assertRefused(config(good, good, file.resolve("s")), file, "--socket", "service.socket");
    }

    private static void assertRefused(ServiceConfig config, Path named, String... wayOut) {
        assertThatThrownBy(() -> Directories.prepare(config))
                .isInstanceOf(IOException.class)
                .message()
                .startsWith(named + ": ")
                .contains(List.of(wayOut))
                .hasLineCount(1);
    }
}
