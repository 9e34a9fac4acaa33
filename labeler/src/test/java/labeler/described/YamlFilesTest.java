package labeler.described;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import labeler.json.Json;
import org.junit.jupiter.api.Test;

/** What labeler brings as YAML can be read as YAML. */
class YamlFilesTest {
    @Test
    void every_yaml_file_of_the_program_is_an_object_in_yaml() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(Path.of("src/main"))) {
            files = all.filter(file -> file.toString().matches(".*\\.ya?ml")).toList();
        }
        assertThat(files).hasSizeGreaterThan(1);
        for (Path file : files) {
            assertThat(YamlText.read(Files.readString(file))).as("%s", file).isInstanceOf(Json.JsonObject.class);
        }
    }
}
