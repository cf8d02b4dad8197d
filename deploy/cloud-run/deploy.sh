#!/bin/sh
# Builds the image, makes the job and has Cloud Scheduler start it every hour; again, it brings them up to date.
#   PROJECT=my-project REGION=us-west2 INSTANCE=ledger ZONE=America/New_York sh deploy/cloud-run/deploy.sh
# in the project's folder, with an Artifact Registry of the name `pipelines`, the service accounts `pipeline` and
# `scheduler`, and the two secrets that heal-job.yaml names. Nobody has run it against Google yet.
set -eu
: "${PROJECT:?}" "${REGION:?}" "${INSTANCE:?}" "${ZONE:?}"
here=$(dirname "$0")
image="$REGION-docker.pkg.dev/$PROJECT/pipelines/pipeline:latest"

docker build --file "$here/../container/Dockerfile" --tag "$image" .
docker push "$image"

job=$(mktemp)
trap 'rm -f "$job"' EXIT
sed -e "s/PROJECT/$PROJECT/g" -e "s/REGION/$REGION/g" -e "s/INSTANCE/$INSTANCE/g" "$here/heal-job.yaml" >"$job"
gcloud run jobs replace "$job" --project "$PROJECT" --region "$REGION"
gcloud run jobs add-iam-policy-binding gameplan-heal --project "$PROJECT" --region "$REGION" \
  --member "serviceAccount:scheduler@$PROJECT.iam.gserviceaccount.com" --role roles/run.invoker

verb=create
gcloud scheduler jobs describe gameplan-heal --project "$PROJECT" --location "$REGION" >/dev/null 2>&1 && verb=update
gcloud scheduler jobs "$verb" http gameplan-heal --project "$PROJECT" --location "$REGION" \
  --schedule '15 * * * *' --time-zone "$ZONE" --http-method POST \
  --uri "https://run.googleapis.com/v2/projects/$PROJECT/locations/$REGION/jobs/gameplan-heal:run" \
  --oauth-service-account-email "scheduler@$PROJECT.iam.gserviceaccount.com"
