package labeler.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import labeler.dist.AskedServices.Ran;
import labeler.dist.AskedServices.Way;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Commands that only ask the service go by curl in their plain forms. The JVM's command is the reference: the script prints
 * the same, ends with the same code, and asks the service for the same.
 */
class PlainCommandsIT {
    /** Each goes without a JVM. The end of one is the beginning of the next. */
    private static final List<String> PLAIN = List.of(
            "$labeler status",
            "$labeler list",
            "$labeler status web1",
            "$labeler stop web1",
            "$labeler start web1 -- qemu-system-x86_64 -drive file=top.qcow2,format=qcow2",
            "$labeler start web1.x_y-z --socket \"$LABELER_SOCKET\" -- qemu-system-x86_64 -S",
            "$labeler start A9 -- ./qemu",
            "$labeler status",
            "$labeler list",
            "$labeler status web1",
            "$labeler list web1",
            "$labeler status --socket \"$LABELER_SOCKET\"",
            "cd / && $labeler start root -- qemu-system-x86_64 -hda x",
            "mkdir -p \"$place/a b\" && cd \"$place/a b\" && $labeler start blank -- qemu-system-x86_64 -hda x",
            "mkdir -p \"$place/d\" && ln -sfn d \"$place/link\" && cd \"$place/link\" && $labeler start link -- q",
            "d=$(printf 'd\\nx\\n.') && mkdir -p \"$place/${d%.}\" && cd \"$place/${d%.}\" && $labeler start lines -- q",
            "$labeler start bytes -- q \"$(printf '\\001\\002\\033[2J\\177\\200\\377caf\\351')\"",
            "$labeler start utf8 -- ./qemu-caf\u00e9 '\u20ac' '\ud83d\ude00'",
            "$labeler start shell -- q '*' '$HOME' '${HOME}' '`id`' '$(id)' ';id' '\\' '\\\\' '\\n' '%s' \"'\" '\"' '!x' '~'",
            "$labeler start empty -- q '' -x '' ''",
            "$labeler start program -- ''",
            "$labeler start lines -- q \"$(printf 'a\\nb\\n\\n.')\" \"$(printf '\\n.')\"",
            "$labeler start options -- q --json --socket none --help -- --",
            "$labeler start at -- @file @- @",
            "$labeler start json -- q '{\"driver\":\"qcow2\",\"file.filename\":\"/vm/\\\"x\\\"\"}' 'json:{}'",
            "$labeler start many -- q $(seq 1 3000)",
            "$labeler start ten -- q 2 3 4 5 6 7 8 9 10",
            "$labeler start long -- q \"$(printf %0100000d 7)\"",
            "IFS=4 $labeler start ifs -- q 1 2 345 4",
            "$labeler start conflict -- qemu-system-x86_64",
            "$labeler start unwritable -- qemu-system-x86_64",
            "$labeler start fault -- qemu-system-x86_64",
            "$labeler stop none",
            "$labeler status none",
            "$labeler stop web1",
            "$labeler stop web1",
            "$labeler stop A9 --socket \"$LABELER_SOCKET\"",
            "for vm in $($labeler status | sed -n '2,$s/ .*//p'); do $labeler stop $vm; done",
            "$labeler status");

    @AutoClose
    private final AskedServices services;

    PlainCommandsIT(@TempDir Path directory) throws IOException {
        services = new AskedServices(directory);
    }

    private void agrees(Way way, String script) throws IOException, InterruptedException {
        Ran reference = services.run(Way.JVM, script);
        assertThat(services.run(way, script)).as(script).isEqualTo(reference);
    }

    private void haveDoneTheSame() {
        assertThat(AskedServices.starts(services.curl())).isEqualTo(AskedServices.starts(services.jvm()));
        assertThat(services.curl().lifecycle().status())
                .isEqualTo(services.jvm().lifecycle().status());
    }

    @Test
    void plain_forms_need_no_java_and_do_what_the_jvm_does() throws Exception {
        for (String script : PLAIN) {
            agrees(Way.CURL, script);
        }
        haveDoneTheSame();
        assertThat(AskedServices.starts(services.curl())).hasSizeGreaterThan(20);
    }

    @Test
    void warnings_go_where_the_jvm_writes_them() throws Exception {
        services.curl().lifecycle().withoutWalls();
        services.jvm().lifecycle().withoutWalls();
        services.curl().lifecycle().warn("setsebool -P virt_use_nfs off, or \u00e4\u00f6 \035 \033[2J");
        services.jvm().lifecycle().warn("setsebool -P virt_use_nfs off, or \u00e4\u00f6 \035 \033[2J");

        assertThat(services.run(Way.CURL, "$labeler start web1 -- q").err())
                .contains("virt_use_nfs")
                .contains("WARNING");
        services.run(Way.JVM, "$labeler start web1 -- q");

        agrees(Way.CURL, "$labeler status web1");
        agrees(Way.CURL, "$labeler status");
        agrees(Way.CURL, "$labeler status 2>/dev/null");
        agrees(Way.CURL, "$labeler stop web1");
    }

    /** On a terminal, with the variables that decide on colours. */
    @ParameterizedTest
    @ValueSource(strings = {"TERM=xterm", "TERM=dumb", "TERM=xterm NO_COLOR=1", "TERM=xterm NO_COLOR="})
    void colours_appear_where_the_jvm_has_them(String variables) throws Exception {
        services.curl().lifecycle().withoutWalls();
        services.jvm().lifecycle().withoutWalls();
        String script =
                "export " + variables + "; script -qec \"$labeler start web1 -- q; $labeler status web1\" /dev/null";

        agrees(Way.CURL, script);
        assertThat(services.run(Way.CURL, script).out().contains("\033[1m"))
                .isEqualTo(variables.equals("TERM=xterm") || variables.equals("TERM=xterm NO_COLOR="));
    }

    /** Each is the JVM's, and meets no half of a plain form on its way there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$labeler status --json",
                "$labeler status -o name",
                "$labeler status web1 --json",
                "$labeler status web1 --",
                "$labeler status ''",
                "$labeler status ..",
                "$labeler status .",
                "$labeler status a/b",
                "$labeler status 'a b'",
                "$labeler status 'caf\u00e9'",
                "$labeler status \"$(printf 'caf\\351')\"",
                "$labeler status \"$(printf 'a\\nb')\"",
                "$labeler status web1 web2",
                "$labeler status -- web1",
                "$labeler status -x",
                "$labeler status --socket",
                "$labeler status --socket ''",
                "$labeler status --socket \"$LABELER_SOCKET\" --socket \"$LABELER_SOCKET\"",
                "$labeler status --socket=\"$LABELER_SOCKET\"",
                "$labeler status --socket \"$place/none\"",
                "$labeler status --socket \"$place/no ne\"",
                "$labeler status --socket /dev/null",
                "LABELER_SOCKET= $labeler status --socket \"$place/none\"",
                "LABELER_SOCKET=\"$place/none\" $labeler stop web1",
                "LABELER_SOCKET=\"$place/none\" $labeler start web1 -- q",
                "LABELER_SOCKET=\"$place/$(printf %0200d 7)\" $labeler start web1 -- q",
                "$labeler start",
                "$labeler start web1",
                "$labeler start web1 --",
                "$labeler start -- web1 q",
                "$labeler start web1 q -- x",
                "$labeler start web1 --level s0:c3,c4 -- q",
                "$labeler start web1 --pid 1 -- q",
                "$labeler start web1 --pid 1 -- q && $labeler stop web1 --force",
                "$labeler start 'a b' -- q && $labeler stop 'a b'",
                "printf '<domain/>' >x.xml && $labeler start web1 --domain-xml x.xml",
                "$labeler stop",
                "$labeler stop web1 --kill",
                "$labeler stop web1 --json",
                "$labeler help status",
                "$labeler status --help",
                "$labeler stat"
            })
    void other_forms_are_the_jvms(String script) throws Exception {
        agrees(Way.EITHER, script);
        haveDoneTheSame();
    }

    @Test
    void without_curl_the_jvm_does_it() throws Exception {
        String script = "mkdir -p bin && ln -sf $(command -v readlink) bin && PATH=$place/bin && export PATH && ";

        agrees(Way.EITHER, script + "$labeler start web1 -- q");
        agrees(Way.EITHER, script + "$labeler stop web1");
    }

    /** A user's own settings of curl are for servers of the web. */
    @Test
    void settings_of_curl_and_proxies_do_not_matter() throws Exception {
        String script =
                "printf 'output = \"stolen\"\\nfail\\nurl = \"http://127.0.0.1:9/\"\\n' >.curlrc && HOME=$place && "
                        + "http_proxy=http://127.0.0.1:9 && ALL_PROXY=$http_proxy && export HOME http_proxy ALL_PROXY && ";

        agrees(Way.CURL, script + "$labeler start web1 -- q");
        agrees(Way.CURL, script + "$labeler status; ls -A");
    }

    @Test
    void locales_change_nothing() throws Exception {
        for (String locale : List.of("C", "C.UTF-8")) {
            Ran reference = services.run(
                    Way.JVM,
                    "$labeler status; $labeler start \u00e9 -- q; $labeler start l -- \u00e9",
                    Map.of("LC_ALL", locale));
            Ran ran = services.run(
                    Way.EITHER,
                    "$labeler status; $labeler start \u00e9 -- q; $labeler start l -- \u00e9",
                    Map.of("LC_ALL", locale));
            assertThat(ran).as(locale).isEqualTo(reference);
        }
        haveDoneTheSame();
    }
}
