package labeler.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a qemu inherits from the JVM that becomes it. */
class CoreDumpFilterTest {
    private static final Path SCRIPT = Path.of("src/main/dist/libexec/command.sh");

    /** What the kernel gives to the first process. */
    private static final String BY_DEFAULT = "00000033";

    CoreDumpFilterTest() {}

    /** A program in the place of labeler's own. */
    static final class Shown {
        private Shown() {}

        public static void main(String... arguments) throws Exception {
            System.out.print(Files.readString(Path.of("/proc/self/coredump_filter")));
        }
    }

    @Test
    void the_jvm_of_the_launcher_leaves_the_filter_of_core_dumps_as_it_is(@TempDir Path home) throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Shown.class.getName());
        Path jar = Files.createDirectories(home.resolve("lib")).resolve("labeler-@VERSION@.jar");
        String name = Shown.class.getName().replace('.', '/') + ".class";
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                InputStream bytes =
                        Objects.requireNonNull(Shown.class.getClassLoader().getResourceAsStream(name))) {
            out.putNextEntry(new JarEntry(name));
            bytes.transferTo(out);
        }
        // The JVM of the test has widened its own filter, which the shell inherits.
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "echo 0x33 >/proc/self/coredump_filter; java=$1 home=$2 native=$2 share=; script=$3; set --;"
                                + " . \"$script\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        home.toString(),
                        SCRIPT.toAbsolutePath().toString())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("out").toFile())
                .start();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(home.resolve("out"), StandardCharsets.UTF_8).strip())
                .isEqualTo(BY_DEFAULT);
    }
}
