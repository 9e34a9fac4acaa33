package labeler.vm.qemu.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.qemu.option.QemuCommandLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guard serves of a command line, and what it refuses. */
class CommandLineMonitorsTest {
    private static CommandLineMonitors of(String... options) {
        return of(List.of(), options);
    }

    private static CommandLineMonitors of(List<String> allowed, String... options) {
        List<byte[]> words = Stream.concat(Stream.of("qemu"), Stream.of(options))
                .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        return CommandLineMonitors.of(QemuCommandLine.read(words, HostPath.of("/cwd")), allowed::contains);
    }

    private static List<String> left(CommandLineMonitors monitors) {
        List<String> left = new ArrayList<>();
        monitors.line().words().forEach(word -> left.add(new String(word, StandardCharsets.ISO_8859_1)));
        return left.subList(1, left.size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "-qmp unix:/a/b,server=on,wait=off /a/b",
                "--qmp unix:/a/b,server,nowait /a/b",
                "-qmp-pretty unix:b,server=on /cwd/b",
                "-qmp unix:/a,,b,server=on,wait=on /a,b",
                "-qmp unix:path=/a,server=on /a",
            })
    void a_monitor_at_a_unix_socket_is_served(String option, String argument, String place) {
        CommandLineMonitors monitors = of("-S", option, argument, "-nodefaults");

        assertThat(monitors.problems()).isEmpty();
        assertThat(monitors.places()).containsExactly(HostPath.of(place));
        assertThat(left(monitors)).containsExactly("-S", "-nodefaults");
        assertThat(monitors.isWhole()).isTrue();
    }

    @Test
    void a_monitor_on_a_character_device_goes_with_the_device() {
        CommandLineMonitors monitors = of(
                "-chardev", "socket,id=a,path=/a,server=on",
                "-chardev", "null,id=n",
                "-mon", "chardev=a,mode=control,pretty=on",
                "-chardev", "socket,path=/b,id=b,server=on,wait=off",
                "-mon", "b,mode=control",
                "-chardev", "socket,path=/c,id=c,server=on,wait=off",
                "-qmp", "chardev:c");

        assertThat(monitors.problems()).isEmpty();
        assertThat(monitors.places()).containsExactly(HostPath.of("/a"), HostPath.of("/b"), HostPath.of("/c"));
        assertThat(left(monitors)).containsExactly("-chardev", "null,id=n");
    }

    @Test
    void a_monitor_on_a_character_device_in_json_is_served() {
        String chardev = "{\"id\":\"a\",\"backend\":{\"type\":\"socket\",\"data\":{\"addr\":{\"type\":\"unix\","
                + "\"data\":{\"path\":\"/a\"}},\"wait\":false}}}";
        CommandLineMonitors monitors = of("-chardev", chardev, "-mon", "chardev=a,mode=control");

        assertThat(monitors.problems()).isEmpty();
        assertThat(monitors.places()).containsExactly(HostPath.of("/a"));
        assertThat(left(monitors)).isEmpty();
        // Over TCP it leads around the guard.
        assertThat(of("-chardev", chardev.replace("unix", "inet").replace("path", "host"), "-mon", "a,mode=control")
                        .problems())
                .hasSize(1);
    }

    @Test
    void a_name_that_is_not_utf8_keeps_its_bytes() {
        assertThat(of("-qmp", "unix:/\u00e4,server=on").places().getFirst().bytes())
                .containsExactly('/', 0xe4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-monitor | stdio",
                "-monitor | unix:/a,server=on",
                "-mon | chardev=a",
                "-mon | chardev=a,mode=readline",
                "-mon | chardev=t,mode=control",
                "-mon | chardev=l,mode=control",
                "-mon | chardev=x,mode=control",
                "-serial | mon:stdio",
                "-parallel | mon:vc",
                "-qmp | stdio",
                "-qmp | tcp:127.0.0.1:4444,server=on",
                "-qmp | unix:/a",
                "-qmp | unix:/a,server=off",
                "-qmp-pretty | chardev:t",
                "-gdb | tcp::1234",
                "-object | qtest,id=q,chardev=a",
            })
    void a_way_around_the_guard_is_refused_unless_its_name_is_allowed(String option, String argument) {
        String[] line = {
            "-chardev",
            "socket,id=a,path=/a,server=on",
            "-chardev",
            "socket,id=t,host=localhost,port=1,server=on",
            "-chardev",
            "socket,id=l,path=/l,server=on,logfile=/log",
            "-chardev",
            "socket,id=x,path=/x",
            option,
            argument
        };

        assertThat(of(line).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.UNSUPPORTED);
            assertThat(problem.message()).startsWith(option).contains("guard.allow = [\"" + option + "\"]");
        });
        CommandLineMonitors allowed = of(List.of(option), line);
        assertThat(allowed.problems()).isEmpty();
        assertThat(allowed.isWhole()).isFalse();
        assertThat(left(allowed)).containsExactly(line);
    }

    @Test
    void the_short_form_of_gdb_is_refused() {
        assertThat(of("-s").problems()).hasSize(1);
        assertThat(of(List.of("-s"), "-s").problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-chardev=null,id=labeler-monitor", "-mon=chardev=a,mode=control,id=labeler-x"})
    void names_of_the_guards_own_are_refused_and_cannot_be_allowed(String option) {
        int equals = option.indexOf('=');
        String name = option.substring(0, equals);

        assertThat(of(List.of(name), name, option.substring(equals + 1)).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("begin with labeler-"));
    }

    @Test
    void what_is_no_monitor_passes() {
        String[] line = {
            "-S",
            "-incoming",
            "defer",
            "-monitor",
            "none",
            "-qmp",
            "none",
            "-gdb",
            "none",
            "-serial",
            "stdio",
            "-object",
            "iothread,id=i"
        };

        assertThat(of(line).problems()).isEmpty();
        assertThat(of(line).isWhole()).isTrue();
        assertThat(left(of(line))).containsExactly(line);
    }
}
