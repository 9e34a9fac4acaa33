package labeler.chain.name;

import static org.assertj.core.api.Assertions.assertThat;

import labeler.chain.FileName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceNameTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "disk", "./a:b", "/a:b", "dir/a:b", "..", "../x", "a//b", "~/x", "$HOME", "a%20b", "-", " json", "a\nb"
            })
    void a_name_without_a_colon_before_its_first_slash_is_a_path_as_it_stands(String name) {
        assertThat(classify(name)).isEqualTo(file(name));
    }

    @ParameterizedTest
    @CsvSource({
        "file:x, x",
        "file:/x, /x",
        "file:///x, ///x",
        "file:./a:b, ./a:b",
        "file:a:b, ./a:b",
        "file:json:{}, ./json:{}",
        "file:file:x, ./file:x",
        "file:nbd://h/, ./nbd://h/"
    })
    void the_file_prefix_is_taken_off_once(String name, String path) {
        assertThat(classify(name)).isEqualTo(file(path));
    }

    @Test
    void no_name_is_no_file() {
        assertThat(classify("")).isEqualTo(new ReferenceName.Empty());
        assertThat(classify("file:")).isEqualTo(new ReferenceName.Empty());
    }

    @ParameterizedTest
    @CsvSource({
        "nbd:host:10809, nbd",
        "nbd://host/export, nbd",
        "http://h/x, http",
        "https://h/x, https",
        "ftp://h/x, ftp",
        "rbd:pool/image, rbd",
        "rbd:pool/image@snap:id=admin:key=AQ==:mon_host=10.0.0.1\\:6789;h:auth_supported=cephx, rbd",
        "iscsi://h/t/0, iscsi",
        "ssh://h/x, ssh",
        "nfs://h/x, nfs",
        "gluster+tcp://h/v/x, gluster+tcp",
        "null-co://, null-co",
    })
    void a_network_protocol_is_classified_and_reaches_no_local_file(String name, String protocol) {
        assertThat(classify(name)).isEqualTo(new ReferenceName.Protocol(protocol, false));
    }

    @ParameterizedTest
    @CsvSource({
        "fat:/etc, fat",
        "fat:rw:dir, fat",
        "host_device:/dev/sda, host_device",
        "host_cdrom:/dev/sr0, host_cdrom",
        "blkdebug:rules:x, blkdebug",
        "blkverify:/a:/b, blkverify"
    })
    void a_protocol_that_opens_local_files_says_so(String name, String protocol) {
        assertThat(classify(name)).isEqualTo(new ReferenceName.Protocol(protocol, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nvme://0000:01:00.0/1 | nvme",
                "nbd:unix:/run/s | nbd",
                "nbd+unix:///e?socket=/s | nbd+unix",
                "nbd://h/e?socket=/s | nbd",
                "gluster+unix:///v/i?socket=/s | gluster+unix",
                "rbd:p/i:conf=/c | rbd",
                "rbd:p/i:keyring=/k | rbd",
                "rbd:p/i:id=a:log_file=/l | rbd",
                "rbd:p/i:id=a@s:admin_socket=/l | rbd",
                "rbd:p/i:id:keyring=/k | rbd",
                "rbd:p/i:mon_host=\\:a:log_file=/l | rbd",
                "rbd:p/i:mon_host=a\\\\:log_file=/l | rbd",
                "rbd:p/i:log\\_file=/l | rbd",
                "rbd:p/i:log-file=/l | rbd",
                "rbd:p/i: | rbd"
            })
    void a_network_protocol_with_a_socket_a_device_or_a_file_in_its_name_says_so(String name, String protocol) {
        assertThat(classify(name)).isEqualTo(new ReferenceName.Protocol(protocol, true));
    }

    @ParameterizedTest
    @CsvSource({
        "FILE:x, FILE",
        "JSON:{}, JSON",
        "' json:{}', ' json'",
        ":x, ''",
        "we:ird, we",
        "C:\\x, C",
        "NBD://h/, NBD",
        "nbds://h/, nbds"
    })
    void another_word_before_a_colon_is_an_unknown_protocol(String name, String protocol) {
        assertThat(classify(name)).isEqualTo(new ReferenceName.UnknownProtocol(protocol));
    }

    @ParameterizedTest
    @ValueSource(strings = {"json:{}", "json:", "json:{\"driver\":\"nbd\"}", "json:/x", "json:{'driver':'raw'}"})
    void json_options_are_not_a_path(String name) {
        assertThat(classify(name)).isEqualTo(new ReferenceName.JsonOptions());
    }

    @ParameterizedTest
    @CsvSource({
        "base, top, base",
        "base, dir/top, dir/base",
        "base, /a/b/top, /a/b/base",
        "base, /top, /base",
        "base, ./top, ./base",
        "../base, a/link/top, a/link/../base",
        "./base, dir/top, dir/./base",
        "/base, dir/top, /base",
        "file:base, dir/top, base",
        "sub/a:b, dir/top, dir/sub/a:b",
        "base, ./a:b, ./base",
        "base, /a:b/top, /a:b/base",
        "base, dir//top, dir//base",
    })
    void a_relative_backing_name_is_put_behind_the_directory_of_the_name_that_was_opened(
            String name, String overlay, String path) {
        assertThat(resolve(name, overlay)).isEqualTo(file(path));
    }

    @Test
    void beside_a_name_with_a_protocol_and_no_directory_the_protocol_stays() {
        // qemu-img: Could not open 'a:base': Unknown protocol 'a'
        assertThat(resolve("base", "a:b")).isEqualTo(new ReferenceName.UnknownProtocol("a"));
    }

    @Test
    void a_backing_name_with_a_protocol_is_not_put_beside_anything() {
        assertThat(resolve("nbd://h/", "dir/top")).isEqualTo(new ReferenceName.Protocol("nbd", false));
        assertThat(resolve("json:{}", "dir/top")).isEqualTo(new ReferenceName.JsonOptions());
        assertThat(resolve("we:ird", "dir/top")).isEqualTo(new ReferenceName.UnknownProtocol("we"));
    }

    @Test
    void bytes_that_are_not_utf8_stay_as_they_are() {
        FileName name = FileName.of(new byte[] {(byte) 0xff, '/', (byte) 0xfe});
        assertThat(ReferenceName.resolve(name, FileName.of("d/top")))
                .isEqualTo(new ReferenceName.LocalFile(FileName.of("d/").concat(name)));
    }

    private static ReferenceName file(String name) {
        return new ReferenceName.LocalFile(FileName.of(name));
    }

    private static ReferenceName classify(String name) {
        return ReferenceName.classify(FileName.of(name));
    }

    private static ReferenceName resolve(String name, String overlay) {
        return ReferenceName.resolve(FileName.of(name), FileName.of(overlay));
    }
}
