package labeler.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No class runs that is not in the jars as they are: the JVM takes nothing from an archive of other jars. */
class StaleArchiveIT {
    private static final Path DIST = Path.of("target/dist").toAbsolutePath();

    /** A tree of its own, whose jars may be changed. */
    @TempDir
    private static Path tree;

    private record Run(int exitCode, String err, List<String> archived) {}

    @BeforeAll
    static void aTreeWithItsOwnArchives() throws Exception {
        for (String part : List.of("bin", "libexec", "lib")) {
            assertThat(new ProcessBuilder("cp", "-a", DIST.resolve(part).toString(), tree.toString())
                            .start()
                            .waitFor())
                    .isZero();
        }
        ProcessBuilder archiving =
                new ProcessBuilder(tree.resolve("libexec/archive-classes").toString()).inheritIO();
        archiving.environment().put("LABELER_JAVA_HOME", System.getProperty("java.home"));
        assertThat(archiving.start().waitFor()).isZero();
    }

    /** The classes of ours that a command takes from the archive. */
    private static Run run(String program) throws IOException, InterruptedException {
        Path log = tree.resolve("classes");
        Path err = tree.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(
                        tree.resolve("bin").resolve(program).toString(), "--version")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile());
        builder.environment().put("LABELER_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LABELER_JAVA_OPTIONS", "-Xlog:class+load:file=" + log + "::filecount=0");
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        try (Stream<String> lines = Files.lines(log)) {
            return new Run(
                    process.exitValue(),
                    Files.readString(err),
                    lines.filter(line -> line.contains(" labeler.") && line.contains("shared objects file"))
                            .toList());
        }
    }

    private static Path jar(String name) throws IOException {
        try (Stream<Path> jars = Files.list(tree.resolve("lib"))) {
            return jars.filter(file -> file.getFileName().toString().matches(name + "-[0-9].*\\.jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void the_archives_are_used_by_both_programs() throws Exception {
        assertThat(run("labeler").archived()).hasSizeGreaterThan(100);
        assertThat(run("labelerd").archived()).hasSizeGreaterThan(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"labeler", "chain-model", "native-bindings", "jna", "picocli", "jackson-core"})
    void a_jar_of_another_time_makes_the_archive_useless_and_nothing_else(String name) throws Exception {
        Path jar = jar(name);
        FileTime before = Files.getLastModifiedTime(jar);
        Files.setLastModifiedTime(jar, FileTime.from(before.toInstant().plus(Duration.ofSeconds(2))));
        try {
            assertThat(run("labeler")).isEqualTo(new Run(0, "", List.of()));
        } finally {
            Files.setLastModifiedTime(jar, before);
        }
        assertThat(run("labeler").archived()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"labeler", "chain-model"})
    void a_jar_of_another_size_and_the_same_time_does_so_too(String name) throws Exception {
        Path jar = jar(name);
        FileTime before = Files.getLastModifiedTime(jar);
        byte[] content = Files.readAllBytes(jar);
        try (FileSystem files = FileSystems.newFileSystem(jar)) {
            Files.write(files.getPath("/added"), "another jar".getBytes(StandardCharsets.UTF_8));
        }
        Files.setLastModifiedTime(jar, before);
        try {
            assertThat(run("labeler")).isEqualTo(new Run(0, "", List.of()));
            assertThat(run("labelerd")).isEqualTo(new Run(0, "", List.of()));
        } finally {
            Files.write(jar, content);
            Files.setLastModifiedTime(jar, before);
        }
    }

    @Test
    void without_an_archive_everything_works() throws Exception {
        Path archive = tree.resolve("lib/labeler.jsa");
        Path aside = tree.resolve("lib/aside");
        Files.move(archive, aside);
        try {
            assertThat(run("labeler")).isEqualTo(new Run(0, "", List.of()));
        } finally {
            Files.move(aside, archive);
        }
    }

    @Test
    void a_damaged_archive_is_not_used() throws Exception {
        Path archive = tree.resolve("lib/labeler.jsa");
        byte[] content = Files.readAllBytes(archive);
        Files.write(archive, List.of("no archive"));
        try {
            assertThat(run("labeler")).isEqualTo(new Run(0, "", List.of()));
        } finally {
            Files.write(archive, content);
        }
    }
}
