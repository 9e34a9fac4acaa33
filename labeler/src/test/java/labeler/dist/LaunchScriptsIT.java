package labeler.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts run a Java made for the test: a script that prints how it was called. */
class LaunchScriptsIT {
    private static final Path DIST = Path.of("target/dist").toAbsolutePath();
    private static final long LIMIT_SECONDS = 20;

    @TempDir
    Path directory;

    private final Map<String, String> environment = new HashMap<>();

    private record Run(int exitCode, String out, String err) {}

    @BeforeEach
    void anInventedJava() throws IOException {
        environment.put(
                "LABELER_JAVA_HOME", javaHome("java", "25.0.3", "x86_64").toString());
    }

    private Path javaHome(String name, String version, String architecture) throws IOException {
        Path home = Files.createDirectories(directory.resolve(name));
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"N/A\"\nJAVA_VERSION=\"%s\"\nMODULES=\"java.base\"\nOS_ARCH=\"%s\"\n"
                        .formatted(version, architecture));
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, """
                #!/bin/sh
                echo "pid=$$"
                echo "java=$0"
                printf descriptor0=; readlink /proc/self/fd/0
                printf descriptor3=; readlink /proc/self/fd/3 || echo
                echo "listen=${LISTEN_PID:-}${LISTEN_FDS:-}"
                echo "options=${JDK_JAVA_OPTIONS:-}${JAVA_TOOL_OPTIONS:-}"
                for argument; do echo "argument=$argument"; done
                """);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home;
    }

    private Run run(String... command) throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static String program(String name) {
        return DIST.resolve("bin").resolve(name).toString();
    }

    @Test
    void arguments_arrive_as_they_were_given() throws Exception {
        Run run = run(program("labeler"), "run", "a b", "", "*", "-x");

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).endsWith("argument=run\nargument=a b\nargument=\nargument=*\nargument=-x\n");
    }

    /** The policy lets only the file libexec/launch change to a VM's domain. */
    @Test
    void a_run_and_no_other_command_goes_through_the_launcher() throws Exception {
        Path copy = directory.resolve("copy");
        Files.createDirectories(copy);
        run("cp", "-r", DIST.resolve("bin").toString(), DIST.resolve("libexec").toString(), copy.toString());
        Files.writeString(copy.resolve("libexec/launch"), "#!/bin/sh\necho launched \"$@\"\n");

        assertThat(run(copy.resolve("bin/labeler").toString(), "run", "web1").out())
                .isEqualTo("launched run web1\n");
        assertThat(run(copy.resolve("bin/labeler").toString(), "status", "run").out())
                .doesNotContain("launched");
    }

    @Test
    void both_ways_start_the_same_program() throws Exception {
        List<String> status = run(program("labeler"), "status").out().lines().toList();
        List<String> run = run(program("labeler"), "run").out().lines().toList();

        assertThat(options(run)).isEqualTo(options(status)).isNotEmpty();
    }

    @Test
    void the_jvm_warns_of_nothing_where_a_plan_is_made_without_the_service() throws Exception {
        environment.put("LABELER_JAVA_HOME", System.getProperty("java.home"));

        Run run = run(
                program("labeler"),
                "plan",
                "web1",
                "--socket",
                directory.resolve("none").toString(),
                "--",
                "qemu-system-x86_64",
                "-S");

        assertThat(run.out()).startsWith("web1  planned");
        assertThat(run.err().lines()).noneMatch(line -> line.contains("sun.misc.Unsafe"));
    }

    private static List<String> options(List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("argument=-")).toList();
    }

    @Test
    void the_process_keeps_its_pid() throws Exception {
        Run run = run("sh", "-c", "echo before=$$; exec \"$0\" status", program("labeler"));

        List<String> lines = run.out().lines().toList();
        assertThat(lines.get(1)).isEqualTo(lines.get(0).replace("before", "pid"));
    }

    @Test
    void a_symbolic_link_leads_to_the_tree() throws Exception {
        Path first = Files.createSymbolicLink(directory.resolve("first"), DIST.resolve("bin/labeler"));
        Files.createDirectories(directory.resolve("sub"));
        Files.createSymbolicLink(directory.resolve("sub/second"), Path.of("..").resolve(first.getFileName()));

        Run run = run("sub/second");

        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().filter(line -> line.endsWith(".jar")))
                .singleElement()
                .satisfies(line -> assertThat(Path.of(line.substring("argument=".length())))
                        .isRegularFile());
    }

    @Test
    void the_native_libraries_of_the_machine_are_used_from_the_tree() throws Exception {
        String option = "-Djna.boot.library.path=";

        Run run = run(program("labelerd"));

        assertThat(run.out().lines().filter(line -> line.contains(option)))
                .singleElement()
                .satisfies(line -> assertThat(Path.of(line.substring(line.indexOf('/'))))
                        .isDirectoryContaining("glob:**/libjnidispatch.so")
                        .isDirectoryContaining("glob:**/libsqlitejdbc.so")
                        .endsWithRaw(Path.of("x86_64")));
    }

    @Test
    void an_older_java_home_is_passed_over() throws Exception {
        environment.put("LABELER_JAVA_HOME", "");
        environment.put("JAVA_HOME", javaHome("old", "17.0.21", "x86_64").toString());

        Run run = run("sh", "-c", "exec \"$0\"", program("labeler"));

        assertThat(run.out()).doesNotContain("java=" + directory.resolve("old"));
    }

    @Test
    void a_java_home_that_is_new_enough_is_used() throws Exception {
        environment.put("LABELER_JAVA_HOME", "");
        environment.put("JAVA_HOME", javaHome("new", "26", "x86_64").toString());

        assertThat(run(program("labeler")).out()).contains("java=" + directory.resolve("new/bin/java"));
    }

    @Test
    void a_java_asked_for_by_name_that_is_too_old_is_an_error_of_one_line() throws Exception {
        environment.put("LABELER_JAVA_HOME", javaHome("old", "24.0.1", "x86_64").toString());

        Run run = run(program("labelerd"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .startsWith("labelerd: LABELER_JAVA_HOME=")
                .contains("Java 25");
    }

    @Test
    void a_machine_without_native_libraries_is_told_so() throws Exception {
        environment.put("LABELER_JAVA_HOME", javaHome("other", "25", "riscv64").toString());

        Run run = run(program("labeler"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("riscv64");
    }

    @Test
    void options_of_other_java_programs_are_kept_out() throws Exception {
        environment.put("JDK_JAVA_OPTIONS", "-Xmx1m");
        environment.put("JAVA_TOOL_OPTIONS", "-Xmx1m");

        assertThat(run(program("labeler")).out()).contains("options=\n");
    }

    @Test
    void the_socket_that_systemd_passes_becomes_descriptor_0() throws Exception {
        Path socket = Files.createFile(directory.resolve("stands-for-the-socket"));

        Run run = run(
                "sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" 3<\"$1\"", program("labelerd"), socket.toString());

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("descriptor0=" + socket + "\ndescriptor3=\nlisten=\n");
    }

    @Test
    void a_socket_meant_for_another_process_is_not_taken() throws Exception {
        Run run = run("sh", "-c", "LISTEN_PID=1 LISTEN_FDS=1 exec \"$0\" 3</dev/zero", program("labelerd"));

        assertThat(run.out()).contains("descriptor0=/dev/null\n").contains("listen=\n");
    }

    @Test
    void what_systemd_has_kept_for_an_earlier_service_stays_where_it_is() throws Exception {
        Path socket = Files.createFile(directory.resolve("stands-for-the-socket"));

        Run run = run(
                "sh",
                "-c",
                "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=labelerd.socket:labeler-1.qemu exec \"$0\" 3<\"$1\" 4</dev/null",
                program("labelerd"),
                socket.toString());

        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("descriptor0=" + socket + "\ndescriptor3=\nlisten=")
                .doesNotContain("listen=\n");
    }

    @Test
    void what_is_kept_may_come_without_a_socket() throws Exception {
        Run run = run(
                "sh",
                "-c",
                "LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=labeler-1.qemu exec \"$0\" 3</dev/zero",
                program("labelerd"));

        assertThat(run.out()).contains("descriptor0=/dev/null\ndescriptor3=/dev/zero\n");
    }

    @Test
    void two_sockets_are_refused_beside_what_is_kept_too() throws Exception {
        Run run = run(
                "sh",
                "-c",
                "LISTEN_PID=$$ LISTEN_FDS=3 LISTEN_FDNAMES=a:b:labeler-1.qemu exec \"$0\" 3</dev/null 4</dev/null 5</dev/null",
                program("labelerd"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("exactly one");
    }

    @Test
    void more_sockets_than_one_are_refused() throws Exception {
        Run run =
                run("sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=2 exec \"$0\" 3</dev/null 4</dev/null", program("labelerd"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("exactly one");
    }
}
