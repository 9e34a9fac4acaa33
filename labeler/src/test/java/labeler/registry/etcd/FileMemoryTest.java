package labeler.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service knows where the last one saw the registry. */
class FileMemoryTest {
    private static final ClusterMemory.Point POINT = new ClusterMemory.Point("14841639068965178418", 42);

    @TempDir
    private Path directory;

    @Test
    void the_next_service_knows_what_the_last_one_saw() throws IOException {
        Path file = directory.resolve("cluster");
        assertThat(new FileMemory(file).last()).isEmpty();

        new FileMemory(file).remember(POINT);
        assertThat(new FileMemory(file).last()).contains(POINT);
    }

    @Test
    void a_damaged_file_is_not_taken_for_none() throws IOException {
        Path file = Files.writeString(directory.resolve("cluster"), "{\"cluster\":");

        assertThatThrownBy(() -> new FileMemory(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }

    @Test
    void a_registry_is_an_older_copy_or_another_one() {
        assertThat(POINT.isLostAt(new ClusterMemory.Point(POINT.cluster(), 42))).isFalse();
        assertThat(POINT.isLostAt(new ClusterMemory.Point(POINT.cluster(), 41))).isTrue();
        assertThat(POINT.isLostAt(new ClusterMemory.Point("7", 99))).isTrue();
    }
}
