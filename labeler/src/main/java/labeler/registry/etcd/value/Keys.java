package labeler.registry.etcd.value;

import java.util.Optional;
import java.util.regex.Pattern;
import labeler.registry.HostName;
import labeler.registry.SharedFile;
import labeler.registry.StorageName;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** The names of all keys. No part of a key has a slash of its own. */
public record Keys(String prefix) {
    public static final Keys STANDARD = new Keys("/labeler/v1/");

    /** Between a file and the hosts that hold it. */
    private static final String HOLDERS = "/h/";

    private static final Pattern TAKEN = Pattern.compile("[^/]+/[^/]+/taken");

    public String storages() {
        return prefix + "storages/";
    }

    public String storage(StorageName name) {
        return storages() + name;
    }

    /** Written with each storage, so that of two that are registered at once one comes first. */
    public String storageAdded() {
        return prefix + "storage-added";
    }

    public String hosts() {
        return prefix + "hosts/";
    }

    public String host(HostName host) {
        return hosts() + host;
    }

    public String alive(HostName host) {
        return host(host) + "/alive";
    }

    /** A host has told what it holds. */
    public String told(HostName host) {
        return host(host) + "/told";
    }

    /** A rebuild, which hosts take part in. */
    public String rebuild() {
        return prefix + "rebuild";
    }

    public String vms() {
        return prefix + "vms/";
    }

    public String vms(HostName host) {
        return vms() + host + "/";
    }

    public String vm(HostName host, VmName vm) {
        return vms(host) + vm;
    }

    /** The files that a host has taken over from a fenced one. No VM's name has a slash. */
    public String taken(HostName host, HostName fenced) {
        return vms(host) + fenced + "/taken";
    }

    /** Whether this key is of {@link #taken}. That of a VM with such a name has one slash less. */
    public boolean isTaken(String key) {
        return key.startsWith(vms())
                && TAKEN.matcher(key.substring(vms().length())).matches();
    }

    /** A VM that has ended, and whose pair may still be on disk. */
    public String ended(HostName host, CategoryPair pair) {
        return vms(host) + pair + "/ended";
    }

    public String pairs() {
        return prefix + "pairs/";
    }

    public String pair(CategoryPair pair) {
        return pairs() + pair;
    }

    public String pairHosts(CategoryPair pair) {
        return pair(pair) + "/";
    }

    public String pair(CategoryPair pair, HostName host) {
        return pairHosts(pair) + host;
    }

    public String files() {
        return prefix + "files/";
    }

    public String file(SharedFile file) {
        return files() + file.text();
    }

    public String holders(SharedFile file) {
        return file(file) + HOLDERS;
    }

    public String holder(SharedFile file, HostName host) {
        return holders(file) + host;
    }

    /** A host that holds a file. */
    public record Holder(SharedFile file, HostName host) {}

    /** Reads the key of a holder; empty for any other. */
    public Optional<Holder> holder(String key) {
        int middle = key.indexOf(HOLDERS);
        if (middle < 0 || !key.startsWith(files())) {
            return Optional.empty();
        }
        return SharedFile.parse(key.substring(files().length(), middle))
                .flatMap(file ->
                        HostName.parse(key.substring(middle + HOLDERS.length())).map(host -> new Holder(file, host)));
    }
}
